package session

// Alive counts the idle sessions that the registry has not closed, as far as the pool knows.
func (p *Pool) Alive() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, s := range p.idle {
		if s.alive() {
			n++
		}
	}
	return n
}
