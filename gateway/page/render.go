package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// view is what every page shows.
type view struct {
	Title   string
	Visitor visitor
	// Path is the path of the section, for the navigation.
	Path string
	// Notice says what became of a command.
	Notice *notice
	// Search is what was searched for.
	Search string
	Now    time.Time
	Data   any
}

// notice is the answer to a command.
type notice struct {
	Kind string // done, refused or unknown
	Text string
}

// Sections lists the navigation.
func (view) Sections() []section { return sections() }

// policy permits what is our own and nothing else: no script and no style within a page, nothing
// of other hosts, no frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers of every page. Referrer-Policy keeps the header Origin of forms, which a
// browser without Sec-Fetch-Site is judged by.
func secure(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// parse returns a set of templates for each page: the layout with the page's own parts. It panics
// if one is wrong, because they are part of the program.
func parse() map[string]*template.Template {
	layout := template.Must(template.New("layout.html").Funcs(functions()).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html"))
	sets := map[string]*template.Template{}
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		sets[name] = template.Must(template.Must(layout.Clone()).ParseFS(templateFiles, "templates/"+entry.Name()))
	}
	return sets
}

func functions() template.FuncMap {
	return template.FuncMap{
		"utc": func(at any) (time.Time, error) {
			switch at := at.(type) {
			case time.Time:
				return at.UTC(), nil
			case *time.Time:
				if at != nil {
					return at.UTC(), nil
				}
				return time.Time{}, nil
			}
			return time.Time{}, fmt.Errorf("page: %T is no time", at)
		},
		"span": span,
		"table": func(operations []desk.Operation, may bool) map[string]any {
			return map[string]any{"All": operations, "May": may}
		},
		"advice": func(reason string) string { return messages.Reason(reason).Advice() },
		"since":  func(now, at time.Time) string { return span(now.Sub(at)) },
	}
}

// span is a duration as people say it.
func span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%d days", int(d.Hours())/24)
	}
}

// render answers with a page.
func (p *Page) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	p.execute(w, r, status, name, "layout.html", v)
}

// execute answers with a part of a page.
func (p *Page) execute(w http.ResponseWriter, r *http.Request, status int, name, part string, v view) {
	v.Now = p.Now()
	if v.Path == "" {
		v.Path = r.URL.Path
	}
	var body bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&body, part, v); err != nil {
		p.Log.ErrorContext(r.Context(), "a page of the desk cannot be rendered", "page", name, "error", err)
		http.Error(w, "Internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // a browser that has left
}

// serveAsset is GET /desk/assets/{file}.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	w.Header().Set("Cache-Control", "no-cache") // a new release has new ones
	http.ServeFileFS(w, r, assetFiles, "assets/"+r.PathValue("file"))
}
