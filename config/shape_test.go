package config_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"domainprovisioning/internal/exampleconfig"
)

// everyKey is the example with the accounts and keys that it shows as comments.
func everyKey(t *testing.T) *yaml.Node {
	t.Helper()
	content, err := os.ReadFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(exampleconfig.Fill(string(content)), "\n")
	shown := regexp.MustCompile(`^( *)# ((?:  )*(?:[a-z0-9_-]+:(?: .*)?|# .*))$`) // a key, or a remark within what is shown
	for n, line := range lines {
		if parts := shown.FindStringSubmatch(line); parts != nil && parts[1] != "" {
			lines[n] = parts[1] + parts[2]
		}
	}
	text := strings.Join(lines, "\n")
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document.Content[0]
}

// walk visits every value of a tree with its key.
func walk(node *yaml.Node, path string, visit func(node *yaml.Node, path string)) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			key := strings.TrimPrefix(path+"."+node.Content[i].Value, ".")
			visit(node.Content[i+1], key)
			walk(node.Content[i+1], key, visit)
		}
	case yaml.SequenceNode:
		for n, element := range node.Content {
			visit(element, fmt.Sprintf("%s[%d]", path, n))
			walk(element, fmt.Sprintf("%s[%d]", path, n), visit)
		}
	}
}

// typed reports whether a single value of the example is a number, a truth or a duration.
func typed(node *yaml.Node) bool {
	return node.Tag == "!!int" || node.Tag == "!!float" || node.Tag == "!!bool" || regexp.MustCompile(`^[0-9.]+[smh]$`).MatchString(node.Value)
}

// TestAValueOfAnotherTypeIsNamedByItsKey puts a value of another type in the place of each value
// of the example: the mistake names the whole key and the rule, and does not quote the value.
func TestAValueOfAnotherTypeIsNamedByItsKey(t *testing.T) {
	rule := regexp.MustCompile(`^ must be (a duration such as 90s, 10m or 120h|a whole number|a number|true or false|a text|a list|keys with their values)$`)
	root := everyKey(t)
	keys := 0
	walk(root, "", func(node *yaml.Node, path string) {
		keys++
		was := *node
		defer func() { *node = was }()
		// A text is no number, map or list, and a list is no text.
		*node = yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "hunter2"}}}
		if was.Kind != yaml.ScalarNode || typed(&was) && !strings.Contains(path, "price_limit") {
			*node = yaml.Node{Kind: yaml.ScalarNode, Value: "hunter2"}
		}
		content, err := yaml.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		_, err = read(t, string(content))
		if err == nil {
			t.Errorf("%s: taken", path)
			return
		}
		named := false
		for line := range strings.Lines(err.Error()) {
			parts := regexp.MustCompile(`^config: line \d+: (\S+)( .*)\n?$`).FindStringSubmatch(line)
			named = named || parts != nil && parts[1] == path && rule.MatchString(parts[2])
		}
		if !named || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", path, err)
		}
	})
	if keys < 100 {
		t.Errorf("only %d keys were tried", keys)
	}
}

// The same for every value that the environment can set.
func TestAValueOfAnotherTypeInTheEnvironmentIsNamedByItsKey(t *testing.T) {
	root, tried := everyKey(t), 0
	content, err := yaml.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	walk(root, "", func(node *yaml.Node, path string) {
		if node.Kind != yaml.ScalarNode || !typed(node) || strings.Contains(path, "[") || strings.Contains(path, "code_classes") {
			return
		}
		tried++
		variable := "DP_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(path))
		_, err := read(t, string(content), variable+"=hunter2")
		if err == nil || !strings.HasPrefix(err.Error(), "config: "+path+" must be ") || !strings.HasSuffix(err.Error(), ", in the environment variable "+variable) ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", variable, err)
		}
	})
	if tried < 25 {
		t.Errorf("only %d keys were tried", tried)
	}
}
