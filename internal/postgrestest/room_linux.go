package postgrestest

import "syscall"

// room is how many databases may be kept in a folder: of some 10 MB each, at most a quarter of what is
// free there.
func room(dir string) int {
	var found syscall.Statfs_t
	if err := syscall.Statfs(dir, &found); err != nil || found.Bsize <= 0 {
		return 0
	}
	free := found.Bavail * uint64(found.Bsize)
	return int(min(free/4/(10<<20), mostKept))
}
