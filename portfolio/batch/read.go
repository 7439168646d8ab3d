package batch

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"domainprovisioning/store"
)

var bom = []byte("\xef\xbb\xbf")

// read reads the lines of a batch, at most MostLines of them and MostBytes in total, as they are sent
// and as orders. Blank lines are counted and left out. Errors: *InputError, and those of the reader
// and the context.
func read(ctx context.Context, in io.Reader, form Form) ([]*line, error) {
	limited := &limitedReader{from: in, left: MostBytes}
	var all []*line
	size := 0
	add := func(each *line) error {
		if len(all) == MostLines {
			return &InputError{Rule: fmt.Sprintf("has more than %d orders", MostLines), TooLarge: true}
		}
		if size += len(each.document); size > MostBytes {
			return tooLarge()
		}
		all = append(all, each)
		return nil
	}
	var err error
	switch form {
	case CSV:
		err = readTable(ctx, limited, add)
	default:
		err = readLines(ctx, limited, add)
	}
	if limited.exceeded {
		err = tooLarge()
	}
	if err == nil && len(all) == 0 {
		err = &InputError{Rule: "has no order"}
	}
	return all, err
}

func tooLarge() error {
	return &InputError{Rule: fmt.Sprintf("is larger than %d bytes", MostBytes), TooLarge: true}
}

// bounded is a line, of whose document nothing is kept if it is too long.
func bounded(number int, document []byte, long bool) *line {
	if !long {
		return &line{number: number, document: document}
	}
	return &line{number: number, reasons: []store.LineReason{{Message: fmt.Sprintf("is longer than %d bytes", MostLine)}}}
}

// limitedReader reads at most so many bytes, and notes that there were more.
type limitedReader struct {
	from     io.Reader
	left     int
	exceeded bool
}

var errTooLarge = errors.New("batch: too large")

func (r *limitedReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		n, err := r.from.Read(p[:min(1, len(p))])
		if n > 0 {
			r.exceeded = true
			return 0, errTooLarge
		}
		return 0, err
	}
	n, err := r.from.Read(p[:min(r.left, len(p))])
	r.left -= n
	return n, err
}

// readLines reads JSON lines. A line that is too long is refused like one that is wrong.
func readLines(ctx context.Context, in io.Reader, add func(*line) error) error {
	reader := bufio.NewReaderSize(in, 64<<10)
	for number := 1; ctx.Err() == nil; number++ {
		text, long, err := readLine(reader)
		if number == 1 {
			text = bytes.TrimPrefix(text, bom)
		}
		text = bytes.TrimSpace(text)
		if len(text) > 0 || long {
			if failed := add(bounded(number, text, long)); failed != nil {
				return failed
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
	return ctx.Err()
}

// readLine reads one line in a slice of its own. Of a line that is too long nothing is kept.
func readLine(reader *bufio.Reader) (text []byte, long bool, err error) {
	for {
		var part []byte
		part, err = reader.ReadSlice('\n')
		switch {
		case len(text)+len(part) > MostLine+1:
			text, long = nil, true
		case !long:
			text = append(text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, long, err
		}
	}
}
