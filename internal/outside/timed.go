package outside

import (
	"reflect"
	"testing"
	"time"

	"domainprovisioning/messages"
)

// Timed demands that a command that was sent is limited in time as the desk limits it, and returns
// it without that limit, so that it can be compared.
func Timed[C any](t testing.TB, command C) C {
	t.Helper()
	value := reflect.New(reflect.TypeOf(command)).Elem()
	value.Set(reflect.ValueOf(command))
	limit := value.FieldByName("NotAfter")
	left := time.Until(limit.Interface().(time.Time)) //nolint:forcetypeassert // a field of messages.Sent
	if left > messages.CommandLasts || left < messages.CommandLasts-time.Minute {
		t.Errorf("the command %+v may be carried out for %s, want %s", command, left, messages.CommandLasts)
	}
	limit.SetZero()
	return value.Interface().(C) //nolint:forcetypeassert // made of it
}
