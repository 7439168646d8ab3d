package exchange

import (
	"bytes"
	"io"
)

// ReadBody reads a body of at most limit bytes. length is the length that its sender
// announced, or -1: the buffer then holds the body without growing. It is believed only
// up to 64 KiB, so that an announcement alone takes no memory.
//
// Errors: ErrTooLarge, and those of reading body.
func ReadBody(body io.Reader, length, limit int64) ([]byte, error) {
	if length > limit {
		return nil, ErrTooLarge
	}
	var b bytes.Buffer
	// ReadFrom needs this much free space to find the end.
	b.Grow(int(min(max(length, 0), 64<<10)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(body, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit {
		return nil, ErrTooLarge
	}
	return b.Bytes(), nil
}
