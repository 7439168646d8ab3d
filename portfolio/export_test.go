package portfolio

import "time"

// PartsOf is into how many parts a round over an account that holds a number of domains is divided,
// and the pause between two.
func (w *Walk) PartsOf(held int) (parts int, pause time.Duration) { return w.parts(held) }
