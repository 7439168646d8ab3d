//go:build unix

package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

// disturber causes trouble, chosen by a generator that starts from the seed.
type disturber struct {
	system *system
	random *rand.Rand
	log    *slog.Logger

	mu     sync.Mutex
	counts map[string]int
	over   bool
	group  sync.WaitGroup // waits for the processes that stand still, and for a deploy

	turn       int // of the next fault, among the outside systems
	builds     int // of the workers, so far
	deploying  bool
	undeployed []string // the deploys that have failed
}

// disturbance is one kind of trouble. It reports whether it happens now: it may not
// apply, or may wait for its moment.
type disturbance struct {
	name   string
	weight int
	do     func(d *disturber, ctx context.Context, name string) bool
}

// These are what a trap waits for: a paid call was intended or its result recorded, or an
// order was stored.
const (
	intention = "INSERT INTO registrar_operations"
	learning  = "UPDATE registrar_operations"
	accepted  = "INSERT INTO orders"
)

// disturbances returns those whose name contains a text.
func disturbances(only string) []disturbance {
	all := []disturbance{
		{"worker killed", 14, func(d *disturber, _ context.Context, _ string) bool { d.oneOf(d.system.workers).kill(); return true }},
		{"gateway killed", 12, func(d *disturber, _ context.Context, _ string) bool { d.oneOf(d.system.gateways).kill(); return true }},
		{"Temporal killed", 6, func(d *disturber, _ context.Context, _ string) bool { d.system.temporal.kill(); return true }},
		{"PostgreSQL restarted", 5, func(d *disturber, _ context.Context, _ string) bool { return d.system.database.Restart() == nil }},
		{"worker stopped for longer than its time-outs", 7, (*disturber).stopWorker},
		{"gateway stopped for longer than its time-outs", 6, (*disturber).stopGateway},
		{"worker killed as it had committed a paid call", 8, trapOn(intention, (*disturber).killed)},
		{"worker stopped as it had committed a paid call", 8, trapOn(intention, (*disturber).stopped)},
		{"worker killed as it was to note the answer to one", 6, trapOn(learning, (*disturber).killed)},
		{"worker stopped as it was to note the answer to one", 3, trapOn(learning, (*disturber).stopped)},
		{"gateway killed as it had committed an order", 8, trapOn(accepted, (*disturber).killed)},
		{newBuild, 10, (*disturber).deploy},
		{"database cut off", 10, func(d *disturber, _ context.Context, _ string) bool {
			d.oneOf(d.system.nodes()).toDatabase.cut(d.upTo(4 * time.Second))
			return true
		}},
		{"database held up", 6, func(d *disturber, _ context.Context, _ string) bool {
			d.oneOf(d.system.nodes()).toDatabase.hold(d.upTo(8 * time.Second))
			return true
		}},
		{"Temporal cut off", 6, func(d *disturber, _ context.Context, _ string) bool {
			d.oneOf(d.system.nodes()).toTemporal.cut(d.upTo(4 * time.Second))
			return true
		}},
		{"Temporal held up", 6, func(d *disturber, _ context.Context, _ string) bool {
			d.oneOf(d.system.nodes()).toTemporal.hold(d.upTo(8 * time.Second))
			return true
		}},
		{"sessions with the registry cut off", 6, func(d *disturber, _ context.Context, _ string) bool {
			d.oneOf(d.system.nodes()).toRegistry.cut(d.upTo(4 * time.Second))
			return true
		}},
		{"sessions with the registry held up", 4, func(d *disturber, _ context.Context, _ string) bool {
			// What is held arrives afterwards, even from a process that has been killed: twice this
			// and a delay in the registry are shorter than settle.
			d.oneOf(d.system.nodes()).toRegistry.hold(d.upTo(slowest))
			return true
		}},
	}
	return slices.DeleteFunc(all, func(one disturbance) bool { return !strings.Contains(one.name, only) })
}

// Longer than the heartbeat time-out of activities, 45 s, and the first pauses between
// retries.
const (
	shortestStop = 55 * time.Second
	longestStop  = 85 * time.Second
)

// run causes the given number of disturbances, one per interval on average, with faults
// of the outside systems between them. It returns when all stopped processes have been
// resumed.
func (d *disturber) run(ctx context.Context, s settings) {
	all := disturbances(s.only)
	total := 0
	for _, one := range all {
		total += one.weight
	}
	// No run is without a deploy.
	toDeploy := slices.ContainsFunc(all, func(one disturbance) bool { return one.name == newBuild })
	// Disturbances that wait for a moment that does not come are replaced by others.
	for tried := 0; d.happened() < s.disturbances && tried < 3*s.disturbances; tried++ {
		if !sleep(ctx, s.every/2+d.upTo(s.every)) {
			break
		}
		for range d.random.IntN(s.faults + 1) {
			d.fault()
		}
		if toDeploy && tried >= s.disturbances/2 && d.deploy(ctx, newBuild) {
			toDeploy = false
			d.count(newBuild)
			continue
		}
		pick := d.random.IntN(total)
		for _, one := range all {
			if pick -= one.weight; pick < 0 {
				if one.do(d, ctx, one.name) {
					d.count(one.name)
				}
				break
			}
		}
	}
	d.mu.Lock()
	d.over = true
	d.mu.Unlock()
	d.group.Wait()
}

// calm undoes everything: all processes run, all wires carry data, nothing fails.
func (d *disturber) calm() {
	for _, w := range d.system.wires {
		w.mend()
	}
	for _, injector := range d.system.world.injectors() {
		injector.Clear()
	}
}

func (d *disturber) count(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts[name]++
	d.log.Info("disturbance", "what", name)
}

func (d *disturber) happened() (total int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.counts {
		total += n
	}
	return total
}

// oneOf chooses a node that is running. One that stands still is in trouble already, and
// a kill or a cut would end that before it can do any harm.
func (d *disturber) oneOf(nodes []*node) *node {
	at := d.random.IntN(len(nodes))
	for range nodes {
		if !nodes[at].standsStill() {
			break
		}
		at = (at + 1) % len(nodes)
	}
	return nodes[at]
}

func (d *disturber) upTo(most time.Duration) time.Duration {
	return time.Duration(d.random.Int64N(int64(most)))
}

func (d *disturber) stopWorker(ctx context.Context, _ string) bool {
	return d.stopOne(ctx, d.system.workers)
}

func (d *disturber) stopGateway(ctx context.Context, _ string) bool {
	return d.stopOne(ctx, d.system.gateways)
}

// stopOne makes one of them stand still while another goes on.
func (d *disturber) stopOne(ctx context.Context, nodes []*node) bool {
	if slices.ContainsFunc(nodes, func(n *node) bool { return n.standsStill() }) {
		return false
	}
	d.standStill(ctx, d.oneOf(nodes).process, shortestStop+d.upTo(longestStop-shortestStop))
	return true
}

// standStill stops a process now and resumes it later, in parallel with other
// disturbances.
func (d *disturber) standStill(ctx context.Context, p *process, during time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return
	}
	resume := p.stop()
	d.group.Go(func() {
		sleep(ctx, during)
		resume()
	})
}

// trapOn waits until a node writes something, and acts at just that moment: the database
// has committed but the node does not know it, or the node has just sent what it learned
// but the database does not know it. The disturbance is counted when it happens.
func trapOn(text string, do func(d *disturber, ctx context.Context, n *node, during time.Duration) bool) func(*disturber, context.Context, string) bool {
	return func(d *disturber, ctx context.Context, name string) bool {
		nodes := d.system.workers
		if text == accepted {
			nodes = d.system.gateways
		}
		n, during := d.oneOf(nodes), shortestStop+d.upTo(longestStop-shortestStop)
		n.toDatabase.set(&trap{text: []byte(text), early: text == learning, spring: func() {
			if do(d, ctx, n, during) {
				d.count(name)
			}
		}})
		return false
	}
}

func (d *disturber) killed(_ context.Context, n *node, _ time.Duration) bool { n.kill(); return true }

// stopped makes one worker stand still while the other takes over its work.
func (d *disturber) stopped(ctx context.Context, n *node, during time.Duration) bool {
	if slices.ContainsFunc(d.system.workers, func(n *node) bool { return n.standsStill() }) {
		return false
	}
	d.standStill(ctx, n.process, during)
	return true
}

// fault makes one of the next calls to an outside system go wrong. The systems take turns, so that
// a short run has faults of each.
func (d *disturber) fault() {
	targets := faultTargets()
	target := targets[d.turn%len(targets)]
	d.turn++
	f := faults.Fault{
		System: target.system, Method: target.methods[d.random.IntN(len(target.methods))], Kind: target.kinds[d.random.IntN(len(target.kinds))],
	}
	if f.Kind == faults.Delay {
		f.Delay = d.upTo(slowest)
	}
	d.system.world.injectors()[f.System].Add(f)
	d.log.Info("fault", "at", fmt.Sprintf("%s:%s:%s", f.System, f.Method, f.Kind))
}

// slowest is far below settle, because a stand-in carries a request out after its delay
// even if the caller has left.
const slowest = 4 * time.Second

// target is what may fail at a system. A method that is listed twice fails twice as
// often.
type target struct {
	system  string
	methods []string
	kinds   []faults.Kind
}

func faultTargets() []target {
	common := []faults.Kind{
		faults.CutBefore, faults.CutBefore, faults.CutAfter, faults.CutAfter, faults.CutAfter, faults.Malformed, faults.HTTPError, faults.Delay,
	}
	more := func(kinds ...faults.Kind) []faults.Kind {
		return append(append([]faults.Kind(nil), common...), kinds...)
	}
	return []target{
		{"operations", []string{
			"pem.addAccount", "pem.addAccountMember", "pem.activateSubscription", "pem.addDomainRequest", "pem.getNameServers",
			"pem.addDomain", "pem.bindServicesToDomain", "",
		}, common},
		{"billing", []string{"DomainSubscrWithIDAdd_API", "DomainSubscrWithIDAdd_API", "DomainInfoGet_API"}, common},
		{"netim", []string{
			"domainCreate", "domainCreate", "domainRenew", "domainRenew", "domainTransferIn", "domainTransferOwner", "domainChangeContact",
			"domainChangeDNS", "domainSetPreference", "domainSetDNSsec", "contactCreate", "queryOpe", "queryOpePending", "domainInfo", "sessionOpen", "",
		}, more(faults.SessionExpired, faults.SessionExpired, faults.UnknownStatus)},
		{"names4ever", []string{"add-domain", "add-domain", "modify-domain", "rdap"}, common},
		{"realtimeregister", []string{
			"domains.create", "domains.create", "domains.renew", "domains.renew", "domains.transfer", "domains.update", "domains.update",
			"domains.get", "processes.list", "processes.get", "contacts.create", "notifications.poll", "",
		}, more(faults.InDoubt, faults.NoProcessID, faults.UnknownStatus, faults.RateLimit)},
		{"epp", []string{
			"domain.create", "domain.create", "domain.renew", "domain.renew", "domain.transfer", "domain.update", "domain.update", "domain.restore",
			"domain.restore.report", "domain.info", "domain.check", "contact.create", "host.create", "poll.req", "poll.ack", "login", "",
		}, more(faults.RaiseFault, faults.RaiseFault, faults.SessionExpired, faults.UnknownStatus, faults.RateLimit)},
	}
}
