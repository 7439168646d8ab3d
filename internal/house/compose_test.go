package house

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/workflows"
)

const composeFile = "docker-compose.yml"

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// exampleEnvironment is .env.example with the values that a person has to fill in.
func exampleEnvironment(t *testing.T) map[string]string {
	t.Helper()
	environment, err := dotenv.Parse(bytes.NewReader(readFile(t, ".env.example")))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range environment {
		if value == "" {
			environment[name] = "dummy-of-" + strings.ToLower(name)
		}
	}
	for _, name := range []string{"SEALING_KEY", "HISTORIES_KEY"} {
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		environment[name] = base64.StdEncoding.EncodeToString(key)
	}
	return environment
}

// load reads the Compose file as `docker compose` does: interpolated, and checked for
// consistency and against the schema of the Compose specification.
func load(t *testing.T, environment map[string]string) (*types.Project, error) {
	t.Helper()
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: root, Environment: environment,
		ConfigFiles: []types.ConfigFile{{Filename: composeFile, Content: readFile(t, composeFile)}},
	}, loader.WithProfiles([]string{"*"}))
}

func project(t *testing.T) *types.Project {
	t.Helper()
	loaded, err := load(t, exampleEnvironment(t))
	if err != nil {
		t.Fatalf("%s: %v", composeFile, err)
	}
	return loaded
}

func TestComposeFileHasItsServices(t *testing.T) {
	loaded := project(t)
	want := []string{
		"gateway", "grafana", "migrate", "postgres", "prometheus", "starter", "temporal", "temporal-schema", "temporal-setup", "temporal-ui", "worker",
	}
	names := loaded.ServiceNames()
	slices.Sort(names)
	if !slices.Equal(names, want) {
		t.Errorf("services %v, want %v", names, want)
	}
	for name, service := range loaded.Services {
		if service.ContainerName != "" {
			t.Errorf("%s has a container_name, which keeps it from being scaled and from running twice", name)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q; nothing here has a login, so on 127.0.0.1 only", name, port.Published, port.HostIP)
			}
		}
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s mounts %s, which does not exist", name, volume.Source)
			}
		}
		if service.MemLimit <= 0 {
			t.Errorf("%s may use all memory of the machine", name)
		}
		if service.Logging == nil || service.Logging.Options["max-size"] == "" {
			t.Errorf("%s has logs without a limit", name)
		}
	}
}

// TestComposeServicesWaitForWhatTheyNeed checks the order in which services start.
func TestComposeServicesWaitForWhatTheyNeed(t *testing.T) {
	loaded := project(t)
	healthy, completed := types.ServiceConditionHealthy, types.ServiceConditionCompletedSuccessfully
	for name, want := range map[string]map[string]string{
		"postgres":        {},
		"temporal-schema": {"postgres": healthy},
		"temporal":        {"temporal-schema": completed},
		"temporal-setup":  {"temporal": healthy},
		"temporal-ui":     {"temporal": healthy},
		"migrate":         {"postgres": healthy},
		"worker":          {"migrate": completed, "temporal-setup": completed},
		"gateway":         {"migrate": completed},
		"starter":         {"migrate": completed},
		"prometheus":      {},
		"grafana":         {},
	} {
		service, err := loaded.GetService(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for other, condition := range want {
			if got := service.DependsOn[other].Condition; got != condition {
				t.Errorf("%s waits for %s with %q, want %q", name, other, got, condition)
			}
		}
		if len(service.DependsOn) != len(want) {
			t.Errorf("%s waits for %d services, want %d", name, len(service.DependsOn), len(want))
		}
		for other, dependency := range service.DependsOn {
			needed := loaded.Services[other]
			if dependency.Condition == healthy && (needed.HealthCheck == nil || needed.HealthCheck.Disable) {
				t.Errorf("%s waits until %s is healthy, which has no health check", name, other)
			}
			// A job that is restarted forever never completes for the services that wait
			// for it.
			if dependency.Condition == completed && !strings.HasPrefix(needed.Restart, "on-failure") && needed.Restart != "no" {
				t.Errorf("%s waits for the end of %s, which restarts %q", name, other, needed.Restart)
			}
		}
	}
	for _, name := range []string{"postgres", "temporal", "worker", "gateway"} {
		check := loaded.Services[name].HealthCheck
		if check == nil || len(check.Test) < 2 || check.Interval == nil || check.Timeout == nil || check.Retries == nil {
			t.Errorf("%s has no complete health check: %+v", name, check)
		}
	}
}

// Monitoring is there for those who ask for it, collects from every process, and has no password
// that is known to everybody.
func TestComposeCollectsMetricsOnRequest(t *testing.T) {
	loaded := project(t)
	for _, name := range []string{"prometheus", "grafana"} {
		if got := loaded.Services[name].Profiles; !slices.Equal(got, []string{"telemetry"}) {
			t.Errorf("%s has the profiles %v", name, got)
		}
	}
	grafana := loaded.Services["grafana"].Environment
	for name, want := range map[string]string{
		"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION": "true", "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer", "GF_AUTH_BASIC_ENABLED": "false",
		"GF_AUTH_DISABLE_LOGIN_FORM": "true",
	} {
		if got := grafana[name]; got == nil || *got != want {
			t.Errorf("grafana has not %s=%s", name, want)
		}
	}
	var scraped struct {
		Jobs []struct {
			Name  string `yaml:"job_name"`
			Named []struct {
				Names []string
				Port  int
			} `yaml:"dns_sd_configs"`
			Fixed []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(readFile(t, "deploy/prometheus/prometheus.yaml"), &scraped); err != nil {
		t.Fatal(err)
	}
	targets := map[string]string{}
	for _, job := range scraped.Jobs {
		for _, named := range job.Named {
			targets[job.Name] = fmt.Sprintf("%s:%d", named.Names[0], named.Port)
		}
		for _, fixed := range job.Fixed {
			targets[job.Name] = fixed.Targets[0]
		}
	}
	for job, where := range map[string]string{"worker": "DP_WORKER_ADDRESS", "gateway": "DP_GATEWAY_ADDRESS", "temporal": "PROMETHEUS_ENDPOINT"} {
		address := loaded.Services[job].Environment[where]
		if address == nil || job+strings.TrimPrefix(*address, "0.0.0.0") != targets[job] {
			t.Errorf("%s serves its metrics at %v, and is asked at %s", job, address, targets[job])
		}
		for _, port := range loaded.Services[job].Ports {
			if job != "gateway" && strings.HasSuffix(targets[job], fmt.Sprintf(":%d", port.Target)) {
				t.Errorf("%s publishes its metrics, which have no login", job)
			}
		}
	}
	if shards := loaded.Services["temporal"].Environment["NUM_HISTORY_SHARDS"]; shards == nil || *shards != "128" {
		t.Error("the number of shards was changed, which a server on an existing database ignores")
	}
}

func TestComposeWorkerMayFinishItsCalls(t *testing.T) {
	grace := project(t).Services["worker"].StopGracePeriod
	stop := config.Defaults().Worker.StopTimeout
	if grace == nil || time.Duration(*grace) <= stop {
		t.Errorf("the worker is killed after %v, but may take %v to stop", grace, stop)
	}
}

// variable matches ${NAME}, ${NAME:-default} and ${NAME:?message}.
var variable = regexp.MustCompile(`\$\{([A-Z_]+)(:[-?][^}]*)?\}`)

func TestComposeVersionsAreVariablesWithDefaults(t *testing.T) {
	image := regexp.MustCompile(`(?m)^\s*image: (\S+)$`)
	images := image.FindAllStringSubmatch(string(readFile(t, composeFile)), -1)
	if len(images) < 5 {
		t.Fatalf("only %d images found", len(images))
	}
	for _, match := range images {
		if !regexp.MustCompile(`^[a-z/-]+:\$\{[A-Z_]+_VERSION:-[^}]+\}$`).MatchString(match[1]) {
			t.Errorf("the version of image %s is no variable with a default", match[1])
		}
	}
}

// TestComposeVariablesAndExampleAgree: .env.example shows every variable that may be set,
// with the same default.
func TestComposeVariablesAndExampleAgree(t *testing.T) {
	example, err := dotenv.Parse(bytes.NewReader(readFile(t, ".env.example")))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, match := range variable.FindAllStringSubmatch(string(readFile(t, composeFile)), -1) {
		name, form := match[1], match[2]
		used[name] = true
		shown, there := example[name]
		fallback, optional := strings.CutPrefix(form, ":-")
		switch {
		case !there:
			t.Errorf(".env.example lacks %s", name)
		case optional && shown != fallback:
			t.Errorf("%s is %q by default, but %q in .env.example", name, fallback, shown)
		case !optional && !strings.HasPrefix(form, ":?"):
			t.Errorf("%s has neither a default nor a message", name)
		case !optional && shown != "":
			t.Errorf("%s must be filled in, but .env.example has a value", name)
		}
	}
	for name := range example {
		if !used[name] {
			t.Errorf(".env.example has %s, which %s does not use", name, composeFile)
		}
	}
}

func TestComposeRefusesToStartWithoutPasswords(t *testing.T) {
	for _, name := range []string{"POSTGRES_PASSWORD", "TEMPORAL_DB_PASSWORD", "APPLICATION_DB_PASSWORD", "SEALING_KEY", "HISTORIES_KEY"} {
		environment := exampleEnvironment(t)
		environment[name] = ""
		if _, err := load(t, environment); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// Whoever upgrades a release without histories is stopped for want of a key, and must not seal yet:
// the older workers would drop what is sealed.
func TestComposeSaysToAnUpgradeNotToSealYet(t *testing.T) {
	environment := exampleEnvironment(t)
	delete(environment, "HISTORIES_KEY")
	delete(environment, "HISTORIES_SEAL")
	if _, err := load(t, environment); err == nil || !strings.Contains(err.Error(), "HISTORIES_SEAL=false") {
		t.Errorf("without a key: %v", err)
	}
}

// The image says which release it is: its build has no checkout to know it from.
func TestComposeTellsTheImageItsRelease(t *testing.T) {
	environment := exampleEnvironment(t)
	environment["RELEASE"] = "v1.2.0"
	loaded, err := load(t, environment)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"worker", "gateway", "starter", "migrate"} {
		if version := loaded.Services[name].Build.Args["VERSION"]; version == nil || *version != "v1.2.0" {
			t.Errorf("%s is built as %v", name, version)
		}
	}
}

// TestDeployedConfigurationIsValid reads deploy/domainprovisioning.yaml with the
// variables that the Compose file gives the worker.
func TestDeployedConfigurationIsValid(t *testing.T) {
	environment := exampleconfig.Environment() // those that the file leaves to whoever fills it in
	for name, value := range project(t).Services["worker"].Environment {
		if value != nil {
			environment = append(environment, name+"="+*value)
		}
	}
	cfg, err := assembly.Load(filepath.Join(root, "deploy", "domainprovisioning.yaml"), environment)
	if err != nil {
		t.Error(err)
	}
	if !cfg.Histories.Sealed() {
		t.Error("histories are not sealed")
	}
	gateway, ui := project(t).Services["gateway"].Environment, project(t).Services["temporal-ui"].Environment
	if *ui["TEMPORAL_CODEC_ENDPOINT"] != *gateway["DP_GATEWAY_DESK_URL"]+"/codec" || *ui["TEMPORAL_CODEC_INCLUDE_CREDENTIALS"] != "true" {
		t.Error("the Web UI does not ask the gateway to open histories")
	}
}

// TestSetupMakesTheSearchAttributes: every attribute that the workflows write must exist
// in the namespace.
func TestSetupMakesTheSearchAttributes(t *testing.T) {
	script := string(readFile(t, "deploy/temporal/setup.sh"))
	for name, kind := range workflows.SearchAttributeNames() {
		if !strings.Contains(script, "\nattribute "+name+" "+kind+"\n") {
			t.Errorf("deploy/temporal/setup.sh does not make %s (%s)", name, kind)
		}
	}
}
