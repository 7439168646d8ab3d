package workflows

// CheckBy checks who gives a command and why, as every command's validator does. It is for
// those who must know before they send one.
func CheckBy(actor, reason string) error { return checkBy(actor, reason) }
