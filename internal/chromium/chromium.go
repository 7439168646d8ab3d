// Package chromium runs a browser for the tests of the desk page. Only tests import it.
package chromium

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// timeout bounds everything that one browser does.
const timeout = 3 * time.Minute

// Browser is a page of a browser that has a profile of its own.
type Browser struct {
	t       testing.TB
	ctx     context.Context //nolint:containedctx // a page is its context in the driver
	console chan chromedp.ConsoleMessage
	axe     string // the program; "" if it is not there
	shots   string // the folder for screenshots; "" for none
}

// required reports whether a missing tool is a failure instead of a reason to skip.
func required() bool { return os.Getenv("TEST_CHROMIUM_REQUIRED") != "" }

// Open starts a browser, or skips the test if none is installed. With TEST_CHROMIUM_REQUIRED in the
// environment that is a failure. SCREENSHOTS names the folder for screenshots, and AXE_CORE the
// file of axe, by default where `make axe` puts it below root.
func Open(t testing.TB, root string) *Browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if required() {
			t.Fatal("chromium is required here")
		}
		t.Skip("skipped without chromium")
	}
	b := &Browser{t: t, console: make(chan chromedp.ConsoleMessage, 1000), shots: os.Getenv("SCREENSHOTS")}
	b.readAxe(root)
	bounded, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	allocated, stop := chromedp.NewExecAllocator(bounded, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)...)
	t.Cleanup(stop)
	page, closePage := chromedp.NewContext(allocated)
	b.ctx = page
	// The browser has ended before its profile is removed.
	t.Cleanup(func() {
		_ = chromedp.Cancel(page)
		closePage()
	})
	if err := chromedp.Do(page); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	messages := chromedp.Console(page)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			b.console <- message
		}
	}()
	return b
}

func (b *Browser) readAxe(root string) {
	b.t.Helper()
	file := os.Getenv("AXE_CORE")
	if file == "" {
		file = filepath.Join(root, ".build", "axe", "node_modules", "axe-core", "axe.min.js")
	}
	content, err := os.ReadFile(file)
	if err != nil {
		if required() {
			b.t.Fatalf("axe is required here; `make axe` fetches it: %v", err)
		}
		b.t.Log("the pages are not checked by axe: `make axe` fetches it")
		return
	}
	b.axe = string(content)
}

// Go opens an address.
func (b *Browser) Go(url string) {
	b.t.Helper()
	b.do("open the page", chromedp.Navigate(url))
}

func (b *Browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// Click clicks on what a CSS selector finds, and Type types into it.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.Click(selector, chromedp.NodeVisible))
}

// Type types into the field that a CSS selector finds.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	b.do("type into "+selector, chromedp.SendKeys(selector, text, chromedp.NodeVisible))
}

// Until waits until an expression of the page is true. It asks often: a page that is being
// replaced does not answer.
func (b *Browser) Until(expression string) {
	b.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	waiting, cancel := context.WithTimeout(b.ctx, timeout/3)
	defer cancel()
	for {
		if holds, err := chromedp.Run(waiting, chromedp.Evaluate[bool](expression)); err == nil && holds {
			return
		}
		select {
		case <-waiting.Done():
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
			b.t.Fatalf("gave up waiting until %s in:\n%s", expression, text)
		case <-ticker.C:
		}
	}
}

// Run runs an expression of the page.
func (b *Browser) Run(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](expression)); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// Look is the way in which a page is looked at.
type Look struct {
	Name          string
	Width, Height int64
	Dark          bool
}

// Show makes the browser look in this way.
func (b *Browser) Show(look Look) {
	b.t.Helper()
	scheme := map[bool]string{false: "light", true: "dark"}[look.Dark]
	b.do("look as "+look.Name, chromedp.EmulateViewport(look.Width, look.Height), func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return chromedp.Void{}, err
	})
}

// Shoot writes a screenshot of the whole page.
func (b *Browser) Shoot(name string) {
	b.t.Helper()
	if b.shots == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(b.shots, 0o750)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(b.shots, name+".png"), picture, 0o600)
	}
	if err != nil {
		b.t.Fatalf("screenshot %s: %v", name, err)
	}
}

// findings runs axe and returns its serious and critical findings, each with the first element.
const findings = `axe.run(document).then((r) => r.violations.filter((v) => ["serious", "critical"].includes(v.impact))
	.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html + " " + (n.any[0]?.message ?? "")).slice(0, 3).join(" | ")))`

// Accessible fails the test if axe finds something serious in the page.
func (b *Browser) Accessible(name string) {
	b.t.Helper()
	if b.axe == "" {
		return
	}
	b.Run(b.axe + "; undefined")
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](findings, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("axe on %s: %v", name, err)
	}
	for _, one := range found {
		b.t.Errorf("axe on %s: %s", name, one)
	}
}

// Fits fails the test if the page is wider than the window.
func (b *Browser) Fits(name string) {
	b.t.Helper()
	wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
	if err != nil || wide {
		b.t.Errorf("%s is wider than the window (%v)", name, err)
	}
}

// Quiet fails the test if a page has written an error or a warning to the console.
func (b *Browser) Quiet() {
	b.t.Helper()
	const end = "the end of the test"
	b.Run(fmt.Sprintf("console.log(%q)", end))
	for {
		select {
		case <-b.ctx.Done():
			b.t.Fatal("the console has not been read to its end")
		case message := <-b.console:
			switch {
			case strings.Contains(message.Text, end):
				return
			case message.Type == chromedp.ConsoleError, message.Type == chromedp.ConsoleException, message.Type == chromedp.ConsoleWarning:
				b.t.Errorf("on the console: %s (%s)", message, message.URL)
			}
		}
	}
}
