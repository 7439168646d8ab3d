package realtimeregister

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// headerSignature carries the signature of a webhook.
const headerSignature = "Signature"

// DecodeCallback implements registrars.CallbackDecoder for webhooks. The signature
// covers only the body, so an old webhook cannot be distinguished from a new one:
// ErrCallbackStale never arises, and a replay is the same notice again.
func (r *RealtimeRegister) DecodeCallback(callback registrars.Callback) (registrars.Notice, error) {
	refuse := func(err error) (registrars.Notice, error) {
		return registrars.Notice{}, fmt.Errorf("realtimeregister: %w", err)
	}
	if callback.Method != http.MethodPost {
		return refuse(registrars.ErrCallbackMethod)
	}
	if !r.signed(callback) {
		return refuse(registrars.ErrCallbackSignature)
	}
	if len(callback.Body) > registrars.MaxCallback {
		return refuse(registrars.ErrCallbackMalformed)
	}
	notification, ok := internal.ReadNotification(callback.Body)
	if !ok {
		// It comes from the registrar, and all its later webhooks wait until this one is taken.
		// Nothing is lost: the watch looks anyway.
		digest := sha256.Sum256(callback.Body)
		return registrars.Notice{ID: "unreadable-" + hex.EncodeToString(digest[:])}, nil
	}
	return r.notice(notification), nil
}

// signed compares the signature with the digest under each key, and does not stop at
// the first match, so that the time taken reveals nothing.
func (r *RealtimeRegister) signed(callback registrars.Callback) bool {
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(callback.Header.Get(headerSignature)))
	if err != nil {
		return false
	}
	digest := signature
	if len(signature) != sha256.Size {
		// The text of the digest, perhaps with a blank before it.
		if digest, err = hex.DecodeString(strings.TrimSpace(string(signature))); err != nil {
			return false
		}
	}
	fits := false
	for _, key := range r.webhookKeys {
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write(callback.Body)
		fits = hmac.Equal(mac.Sum(nil), digest) || fits
	}
	return fits
}

func (r *RealtimeRegister) notice(n internal.Notification) registrars.Notice {
	made := registrars.Notice{ID: n.ID.String(), Claim: plainWord(n.SubjectStatus)}
	if internal.IsID(n.Process.String()) {
		made.Reference = n.Process.String()
	}
	if made.Claim == "" {
		made.Claim = plainWord(n.EventType)
	}
	name := n.DomainName
	if name == "" && n.ProcessType == internal.TypeDomain {
		name = n.ProcessIdentifier
	}
	if parsed, err := domains.ParseName(name); err == nil {
		made.Domain = parsed
	}
	switch {
	case made.Reference != "", made.Domain != (domains.Name{}):
	case n.NotificationType == internal.BillingNotification:
		made.Account = registrars.AccountFunds
	case n.NotificationType == internal.PlainNotification && n.AboutNothing():
		made.Account = registrars.AccountOther
	}
	if made.Account != "" {
		made.Text = registrars.NoticeText(r.client.Scrub(n.Message))
	}
	return made
}

func (r *RealtimeRegister) notificationPath(more ...string) string {
	return internal.Path(append([]string{"customers", r.customer, "notifications"}, more...)...)
}

// NextNotice implements registrars.NoticeQueue. Polling returns the same notification
// until it is acknowledged.
func (r *RealtimeRegister) NextNotice(ctx context.Context) (next registrars.Notice, found bool, err error) {
	const name = "notifications/poll"
	var answer struct {
		Notification json.RawMessage `json:"notification"`
	}
	if err := r.read(ctx, name, r.notificationPath("poll"), &answer); err != nil {
		return registrars.Notice{}, false, err
	}
	if len(answer.Notification) == 0 || string(answer.Notification) == "null" {
		return registrars.Notice{}, false, nil
	}
	notification, ok := internal.ReadNotification(answer.Notification)
	if !ok {
		// Without a number it can be neither stored nor acknowledged.
		return registrars.Notice{}, false, &registrars.Error{
			Registrar: pluginName, Call: name, Class: registrars.ClassTemporary,
			Err: &internal.MalformedError{Why: "a notification without a number"},
		}
	}
	return r.notice(notification), true, nil
}

// AcknowledgeNotice implements registrars.NoticeQueue. A notification that is no
// longer there was acknowledged before.
func (r *RealtimeRegister) AcknowledgeNotice(ctx context.Context, id string) error {
	const name = "notifications/ack"
	if !internal.IsID(id) {
		return errs.Invalid(name, "id", "the number of a notification")
	}
	_, err := r.do(ctx, call{Call: internal.Call{Method: http.MethodPost, Path: r.notificationPath(id, "ack"), Writes: true}, name: name})
	if isType(err, typeMissing) {
		return nil
	}
	return err
}
