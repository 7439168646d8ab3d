package exchange

import (
	"bytes"
	"io"
)

// ReadBody reads a body of at most limit bytes. length is what its sender announced, -1
// for nothing: the buffer takes the body without growing then. It is believed up to
// 64 KiB only, so that an announcement alone takes no memory.
//
// Errors: ErrTooLarge, and those of body.
func ReadBody(body io.Reader, length, limit int64) ([]byte, error) {
	if length > limit {
		return nil, ErrTooLarge
	}
	var b bytes.Buffer
	// ReadFrom wants so much room left over when it meets the end.
	b.Grow(int(min(max(length, 0), 64<<10)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(body, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit {
		return nil, ErrTooLarge
	}
	return b.Bytes(), nil
}
