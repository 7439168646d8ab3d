package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

// maxCommand is the size of a command's body, in bytes.
const maxCommand = 64 << 10

// readJSON reads a whole JSON body of at most the given number of bytes.
func readJSON(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if kind := mediaType(r); kind != "" && kind != mediaJSON {
		return nil, newProblem(http.StatusUnsupportedMediaType, "media-type", "The body must be JSON", "send Content-Type: application/json")
	}
	return readAll(w, r, most)
}

// The media types of bodies.
const (
	mediaJSON = "application/json"
	mediaXML  = "text/xml"
)

// mediaType returns the media type that a request declares; "" if it declares none.
func mediaType(r *http.Request) string {
	declared := r.Header.Get("Content-Type")
	if declared == "" {
		return ""
	}
	kind, _, err := mime.ParseMediaType(declared)
	switch {
	case err != nil:
		return "unknown"
	case strings.HasSuffix(kind, "+json"):
		return mediaJSON
	case kind == "application/xml":
		return mediaXML
	}
	return kind
}

// declaredCharset returns the charset that a request declares, or "".
func declaredCharset(r *http.Request) string {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return params["charset"]
}

// readAll reads a whole body of at most the given number of bytes.
func readAll(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err == nil {
		return body, nil
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, err
	}
	// The connection broke off or was too slow. The answer will probably not arrive.
	return nil, newProblem(http.StatusBadRequest, "broken-off", "The body could not be read", "it broke off, or came too slowly")
}

// readCommand reads the body of a command. An empty body stands for {}.
func readCommand(w http.ResponseWriter, r *http.Request, command any) (body []byte, err error) {
	body, err = readJSON(w, r, maxCommand)
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return body, err
	}
	return body, decodeCommand(body, command)
}

func decodeCommand(body []byte, command any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(command); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			// The path holds the name of the embedded type.
			field := strings.ReplaceAll(strings.TrimPrefix(wrong.Field, "Given."), ".", "/")
			return refusedBody("/"+field, "must be a "+wrong.Type.String())
		}
		return refusedBody("", "must be a JSON object with the documented fields only")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return refusedBody("", "must be one JSON object")
	}
	return nil
}
