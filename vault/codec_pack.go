package vault

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"
)

const (
	// compressFrom is the size from which content is compressed, in bytes. Most payloads of an
	// order are smaller, and would gain nothing.
	compressFrom = 1 << 10
	// mostUnpacked bounds what a compressed payload may grow to, in bytes. A gRPC message may
	// have 4 MB, so nothing larger was ever sent in plain text either.
	mostUnpacked = 4 << 20
)

// The first byte of what is sealed says how the rest is packed.
const (
	asItIs   = 0
	deflated = 1
)

var (
	errTooLarge = fmt.Errorf("it is larger than %d bytes when unpacked", mostUnpacked)
	errPacked   = errors.New("it is packed in an unknown way")
)

// pack compresses content of at least size bytes, if that makes it smaller.
func pack(content []byte, size int) ([]byte, error) {
	if len(content) >= size && len(content) <= mostUnpacked {
		var packed bytes.Buffer
		packed.WriteByte(deflated)
		writer, _ := writers.Get().(*flate.Writer)
		defer writers.Put(writer)
		writer.Reset(&packed)
		if _, err := writer.Write(content); err != nil {
			return nil, err
		}
		if err := writer.Close(); err != nil {
			return nil, err
		}
		if packed.Len() <= len(content) {
			return packed.Bytes(), nil
		}
	}
	return append([]byte{asItIs}, content...), nil
}

// writers are used again, because a new one takes more memory than what it compresses.
var writers = sync.Pool{New: func() any {
	writer, _ := flate.NewWriter(nil, flate.BestSpeed) // fails for unknown levels only
	return writer
}}

// unpack returns what pack was given. It reads no more than mostUnpacked bytes.
func unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, errPacked
	}
	switch packed[0] {
	case asItIs:
		return packed[1:], nil
	case deflated:
		content, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed[1:])), mostUnpacked+1))
		if err != nil {
			return nil, fmt.Errorf("it cannot be unpacked: %w", err)
		}
		if len(content) > mostUnpacked {
			return nil, errTooLarge
		}
		return content, nil
	default:
		return nil, errPacked
	}
}
