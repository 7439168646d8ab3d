// Command cross type-checks a module, its tests too, for other operating systems. It reads the
// sources of everything that the module needs, without compiling any of it for them: that takes
// seconds instead of a quarter of an hour, and a compiler finds little more. It has a go.mod of its
// own, so that it adds nothing to the product's.
//
//	go run . DIRECTORY SYSTEM...
package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cross:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("name the module's directory and the operating systems")
	}
	dir, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	for _, system := range args[1:] {
		if err := check(dir, system); err != nil {
			return fmt.Errorf("%s: %w", system, err)
		}
	}
	return nil
}

// check type-checks the module for an operating system.
func check(dir, system string) error {
	found, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax, Tests: true, Dir: dir,
		Env: append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0", "GOFLAGS="),
		ParseFile: func(files *token.FileSet, name string, source []byte) (*ast.File, error) {
			file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
			if file != nil && !strings.HasPrefix(name, dir+string(filepath.Separator)) {
				// What others have written is believed to be right inside of its functions.
				for _, declaration := range file.Decls {
					if function, ok := declaration.(*ast.FuncDecl); ok {
						function.Body = nil
					}
				}
			}
			return file, err
		},
	}, "./...")
	if err != nil {
		return err
	}
	var wrong []error
	for _, each := range found {
		if strings.HasSuffix(each.ID, ".test") {
			continue // the program that runs tests, which go makes
		}
		for _, trouble := range each.Errors {
			wrong = append(wrong, trouble)
		}
	}
	if len(found) == 0 {
		wrong = append(wrong, errors.New("there are no packages"))
	}
	return errors.Join(wrong...)
}
