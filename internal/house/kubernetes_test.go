package house

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/workflows"
)

// manifest is what the tests read of the resources in deploy/kubernetes. `make kubernetes` checks
// their form; here they are held to the programs.
type manifest struct {
	Kind string
	Spec struct {
		Template struct{ Spec podSpec }
		Triggers []struct{ Metadata map[string]string }
	}
}

type podSpec struct {
	Automount *bool `yaml:"automountServiceAccountToken"`
	Grace     int   `yaml:"terminationGracePeriodSeconds"`
	Security  struct {
		NonRoot bool                  `yaml:"runAsNonRoot"`
		Seccomp struct{ Type string } `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []struct {
		Command []string
		Env     []struct{ Name, Value string }
		Ports   []struct {
			Name string
			Port int `yaml:"containerPort"`
		}
		Liveness  probe `yaml:"livenessProbe"`
		Readiness probe `yaml:"readinessProbe"`
		Lifecycle struct {
			PreStop struct{ Sleep struct{ Seconds int } } `yaml:"preStop"`
		}
		Resources struct{ Limits map[string]string }
		Security  struct {
			Escalation   *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnly     bool  `yaml:"readOnlyRootFilesystem"`
			Capabilities struct{ Drop []string }
		} `yaml:"securityContext"`
	}
}

type probe struct {
	Get struct{ Path, Port string } `yaml:"httpGet"`
}

// manifests reads the resources of all files in a folder of deploy/kubernetes.
func manifests(t *testing.T, folder string) (found []manifest) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "deploy/kubernetes", folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(files), err)
	}
	for _, file := range files {
		if slices.Contains([]string{"kustomization.yaml", "domainprovisioning.yaml"}, filepath.Base(file)) {
			continue
		}
		decoder := yaml.NewDecoder(bytes.NewReader(readFile(t, path.Join("deploy/kubernetes", folder, filepath.Base(file)))))
		for {
			var one manifest
			err := decoder.Decode(&one)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			found = append(found, one)
		}
	}
	return found
}

// Each pod may do as little as possible, is asked where its program answers, and gets more time to
// stop than the program takes.
func TestKubernetesPodsFitTheirPrograms(t *testing.T) {
	defaults := config.Defaults()
	programs := map[string]struct {
		address string
		stop    time.Duration
	}{
		"worker":          {"DP_WORKER_ADDRESS", defaults.Worker.StopTimeout},
		"starter serve":   {"DP_GATEWAY_ADDRESS", defaults.Gateway.StopTimeout},
		"starter migrate": {},
	}
	seen := 0
	for _, resource := range append(manifests(t, "base"), manifests(t, "worker")...) {
		pod := resource.Spec.Template.Spec
		if len(pod.Containers) == 0 {
			continue
		}
		container := pod.Containers[0]
		command := strings.Join(container.Command, " ")
		program, known := programs[command]
		if !known {
			t.Errorf("%q is no program of ours", command)
			continue
		}
		seen++
		if pod.Automount == nil || *pod.Automount || !pod.Security.NonRoot || pod.Security.Seccomp.Type != "RuntimeDefault" ||
			container.Security.Escalation == nil || *container.Security.Escalation || !container.Security.ReadOnly ||
			!slices.Equal(container.Security.Capabilities.Drop, []string{"ALL"}) || container.Resources.Limits["memory"] == "" {
			t.Errorf("%s may do more than it needs", command)
		}
		variables := map[string]string{}
		for _, variable := range container.Env {
			variables[variable.Name] = variable.Value
		}
		for _, secret := range []string{"DP_DATABASE_URL", "DP_DATABASE_SEALING_KEYS_K1"} {
			if variables[secret] != "" || variables[secret+"_FILE"] == "" {
				t.Errorf("%s has %s from no file", command, secret)
			}
		}
		if program.address == "" {
			continue
		}
		if takes := program.stop + time.Duration(container.Lifecycle.PreStop.Sleep.Seconds)*time.Second; time.Duration(pod.Grace)*time.Second <= takes {
			t.Errorf("%s is killed after %d s, and may take %s to stop", command, pod.Grace, takes)
		}
		port := container.Ports[0]
		for what, asked := range map[string]probe{"/healthz": container.Liveness, "/readyz": container.Readiness} {
			if asked.Get.Path != what || asked.Get.Port != port.Name {
				t.Errorf("%s is asked for %s at port %s", command, asked.Get.Path, asked.Get.Port)
			}
		}
		if address := variables[program.address]; address != fmt.Sprintf("0.0.0.0:%d", port.Port) {
			t.Errorf("%s listens at %q, and has the port %d", command, address, port.Port)
		}
	}
	if seen != len(programs) {
		t.Errorf("%d programs, want %d", seen, len(programs))
	}
}

// The example's configuration is valid with the values that its secret gives.
func TestKubernetesExampleIsConfigured(t *testing.T) {
	example := string(readFile(t, "deploy/kubernetes/overlays/example/site/kustomization.yaml"))
	values := map[string]string{
		"DP_DATABASE_URL": "postgres://database.example/domainprovisioning", "DP_DATABASE_SEALING_KEYS_K1": exampleEnvironment(t)["SEALING_KEY"],
	}
	for _, match := range regexp.MustCompile(`name: (DP_\w+)_FILE`).FindAllStringSubmatch(example, -1) {
		values[match[1]] = "dummy"
	}
	if len(values) != 4 {
		t.Errorf("the example has %d passwords", len(values)-2)
	}
	var environment []string
	for name, value := range values {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		environment = append(environment, name+"_FILE="+file)
	}
	if _, err := assembly.Load(filepath.Join(root, "deploy/kubernetes/overlays/example/site/domainprovisioning.yaml"), environment); err != nil {
		t.Error(err)
	}
}

// The workers of a build are named by it, so that those of the next one do not replace them, and poll
// as that build in a deployment.
func TestKubernetesWorkersOfABuildAreApart(t *testing.T) {
	var site, build struct {
		NameSuffix string `yaml:"nameSuffix"`
		Images     []struct {
			Name    string
			NewName string `yaml:"newName"`
			NewTag  string `yaml:"newTag"`
		}
		Patches []struct{ Patch string }
	}
	for file, into := range map[string]any{"example/site": &site, "versioned/worker": &build} {
		if err := yaml.Unmarshal(readFile(t, "deploy/kubernetes/overlays/"+file+"/kustomization.yaml"), into); err != nil {
			t.Fatal(err)
		}
	}
	image := build.Images[0]
	if image.Name != site.Images[0].NewName || build.NameSuffix != "-"+strings.ReplaceAll(image.NewTag, ".", "-") || !config.IsBuildID(image.NewTag) {
		t.Errorf("the workers of %s:%s have the suffix %q", image.Name, image.NewTag, build.NameSuffix)
	}
	var added []struct {
		Value struct{ Name, Value string }
	}
	if err := yaml.Unmarshal([]byte(build.Patches[0].Patch), &added); err != nil {
		t.Fatal(err)
	}
	if len(added) != 2 || added[0].Value.Name != "DP_WORKER_DEPLOYMENT" || added[0].Value.Value == "" || added[1].Value.Name != "DP_WORKER_BUILD_ID" {
		t.Errorf("they are told %+v", added)
	}
}

func TestKubernetesScalesByTheQueueOfTheWorkflows(t *testing.T) {
	var queues []string
	for _, resource := range manifests(t, "components/keda") {
		for _, trigger := range resource.Spec.Triggers {
			queues = append(queues, trigger.Metadata["taskQueue"])
		}
	}
	if !slices.Equal(queues, []string{workflows.TaskQueue}) {
		t.Errorf("it looks at %q, and workflows are in %q", queues, workflows.TaskQueue)
	}
}
