package fidelity_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest"
)

// goodRequests are an accepted request for each operation of the fake: the one with the most parameters.
func goodRequests(t *testing.T, d *description) map[string]exchange {
	t.Helper()
	good := map[string]exchange{}
	for _, story := range stories() {
		s := openShop(t, d, stripetest.Options{})
		story(s)
		for _, e := range s.said {
			operation := e.method + " " + d.template(e.method, e.path)
			if e.status == http.StatusOK && e.version == "" && (good[operation].method == "" || len(e.form) > len(good[operation].form)) {
				good[operation] = e
			}
		}
	}
	return good
}

// differs reports how a refusal of the fake is not the one of stripe-mock: another status, another type, or about another
// parameter than the bad one.
func (m mistake) differs(theirs, ours exchange) string {
	var body struct {
		Error struct {
			Type    string `json:"type"`
			Message string `json:"message"`
			Param   string `json:"param"`
		} `json:"error"`
	}
	if err := json.Unmarshal(ours.body, &body); err != nil {
		return err.Error()
	}
	wanted, _, _ := strings.Cut(m.param, "[")
	about, _, _ := strings.Cut(body.Error.Param, "[")
	if ours.status == theirs.status && body.Error.Type == "invalid_request_error" && body.Error.Message != "" && about == wanted {
		return ""
	}
	return fmt.Sprintf("status %d, %+v; stripe-mock answers %d", ours.status, body.Error, theirs.status)
}

func TestWhatStripeMockRefusesTheFakeRefuses(t *testing.T) {
	t.Parallel()
	d := describe(t, mainVersion)
	d.discover(t)
	mock := startStripeMock(t)
	fake := newRecorder(t, stripetest.New(t).URL)
	refused, laxer := 0, 0
	good := goodRequests(t, d)
	for _, operation := range d.modelled {
		request := good[operation]
		if request.method == "" {
			t.Errorf("%s: no story calls it", operation)
			continue
		}
		mistakes := append(d.bad(request), mistake{what: "another version", exchange: exchange{
			method: request.method, path: request.path, form: url.Values{}, version: "2020-08-27",
		}})
		for _, m := range mistakes {
			theirs := mock.send(m.exchange)
			if theirs.status == http.StatusOK {
				laxer++
				continue
			}
			refused++
			if problem := m.differs(theirs, fake.send(m.exchange)); problem != "" {
				t.Errorf("%s: %s: %s", operation, m.what, problem)
			}
		}
	}
	t.Logf("%d bad requests of %d operations are refused by both; stripe-mock accepts %d more", refused, len(d.modelled), laxer)
}
