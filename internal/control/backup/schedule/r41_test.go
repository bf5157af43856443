package schedule

import (
	"context"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// stepOfTime is how far the clock goes between two looks.
const stepOfTime = 30 * time.Minute

// days lets a keeper work for a while, and returns the greatest age of the last
// proof, as the metric has it, and whether there was an alarm.
func (s *site) days(k *Keeper, m *telemetry.Metrics, d time.Duration) (oldest time.Duration, alarm bool) {
	s.t.Helper()
	for range d / stepOfTime {
		s.clock.Advance(stepOfTime)
		s.write()
		oldest = max(oldest, s.age(m))
		k.base(s.t.Context())
		k.alarm()
		alarm = alarm || k.Check() != nil
	}
	return oldest, alarm
}

var ageMetric = regexp.MustCompile(`(?m)^sallyport_backup_last_proved_age_seconds (\S+)$`)

// age is what the metric says.
func (s *site) age(m *telemetry.Metrics) time.Duration {
	s.t.Helper()
	w := httptest.NewRecorder()
	telemetry.Admin(m, telemetry.NewHealth()).ServeHTTP(w, httptest.NewRequestWithContext(s.t.Context(), "GET", "/metrics", nil))
	found := ageMetric.FindStringSubmatch(w.Body.String())
	if found == nil {
		s.t.Fatalf("there is no metric of the age: %s", w.Body)
	}
	seconds, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return time.Duration(seconds * float64(time.Second))
}

// begun is a keeper that has begun, with its metrics.
func (s *site) begun(change func(*Keeper)) (*Keeper, *telemetry.Metrics) {
	s.t.Helper()
	k := New(s.o)
	if change != nil {
		change(k)
	}
	m, err := telemetry.NewMetrics(s.clock)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := k.Watch(m, telemetry.NewHealth()); err != nil {
		s.t.Fatal(err)
	}
	if err := k.begin(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	k.base(s.t.Context())
	return k, m
}

// TestR41_ScheduledBackupProvesItself lets three days pass, then two in which
// what is read back is damaged, then one in which it is right again.
func TestR41_ScheduledBackupProvesItself(t *testing.T) {
	s := newSite(t)
	k, m := s.begun(nil)
	oldest, alarm := s.days(k, m, 72*time.Hour)
	status := k.Status()
	if alarm || status.Bases != 13 || status.Proofs != status.Bases || oldest > 6*time.Hour+stepOfTime {
		t.Errorf("three days: %d bases, %d proofs, oldest %v, alarm %v", status.Bases, status.Proofs, oldest, alarm)
	}
	good := oldest
	s.bucket.set(true)
	worst, alarm := s.days(k, m, 48*time.Hour)
	if !alarm || worst <= AlarmAfter || k.Status().Proofs != status.Proofs || s.log.count("backups are not proved") == 0 {
		t.Errorf("damaged: oldest %v, alarm %v, %d proofs, %d lines", worst, alarm, k.Status().Proofs, s.log.count("backups are not proved"))
	}
	if kept := s.catalog(); kept.Bases[0].Proof == nil {
		t.Error("the last base that was proved is gone")
	}
	s.bucket.set(false)
	s.days(k, m, 2*time.Hour)
	if err := k.Check(); err != nil || s.age(m) > 2*time.Hour {
		t.Errorf("right again: %v, age %v", err, s.age(m))
	}
	t.Logf("R41: %d of %d scheduled backups read back, restored and compared; age of the last proof at most %v, "+
		"alarm at %v of damage (24h)", status.Proofs, status.Bases, good, AlarmAfter+stepOfTime)
}

// TestR41_ScheduledBackupProvesItself_NegativeControl proves without looking:
// damage goes unseen.
func TestR41_ScheduledBackupProvesItself_NegativeControl(t *testing.T) {
	s := newSite(t)
	k, m := s.begun(func(k *Keeper) {
		k.proving = func(_ context.Context, o Options, _ *catalog.Catalog, b *catalog.Base) (catalog.Proof, error) {
			return catalog.Proof{At: o.Clock.Now(), Digest: b.Note.Digest}, nil
		}
	})
	s.bucket.set(true)
	if worst, alarm := s.days(k, m, 48*time.Hour); alarm || worst > AlarmAfter {
		t.Errorf("the damage was seen by nobody who looked: oldest %v, alarm %v", worst, alarm)
	}
}
