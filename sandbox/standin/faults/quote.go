package faults

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// Quoted is what the error of a system says that quotes the whole request: its line, its header
// Authorization and its body, as they are and in the forms in which systems have been seen to
// quote: escaped for XML, JSON and URLs, and in base64.
func Quoted(r *http.Request, body []byte) string {
	return QuotedText(fmt.Sprintf("%s %s\nAuthorization: %s\n\n%s", r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), body))
}

// QuotedText is Quoted for a request that is no HTTP.
func QuotedText(request string) string {
	request = strings.ToValidUTF8(request, "?")
	inJSON, err := json.Marshal(request)
	if err != nil {
		inJSON = nil // a string always has a form
	}
	return fmt.Sprintf("Cannot process the request %s\nXML %s\nJSON %s\nURL %s\nbase64 %s",
		request, html.EscapeString(request), inJSON, url.QueryEscape(request), base64.StdEncoding.EncodeToString([]byte(request)))
}
