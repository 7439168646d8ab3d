package config

import (
	"fmt"
	"io"
	"os"
)

// MaxValueFile is the maximum size, in bytes, of a file that holds the value of a setting, such as
// one that a variable ending in _FILE names, or the certificates of an authority.
const MaxValueFile = 1 << 20

// ReadValueFile reads a file that holds the value of a setting. It reads at most MaxValueFile bytes,
// so a path that names a device or the wrong file neither fills the memory nor takes for ever.
func ReadValueFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, MaxValueFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > MaxValueFile {
		return nil, fmt.Errorf("%s is longer than %d bytes, the most that a value may have", path, MaxValueFile)
	}
	return content, nil
}
