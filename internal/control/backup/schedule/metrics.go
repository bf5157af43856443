package schedule

import (
	"time"

	"github.com/sallyport/sallyport/internal/telemetry"
)

// metric is a metric of backups.
type metric struct {
	name, help string
	counter    bool
	value      func(Status) float64
}

var metrics = []metric{
	{"sallyport_backup_last_success_timestamp_seconds", "When the last base of the backup was written; 0 where none was.", false,
		func(s Status) float64 { return seconds(s.Succeeded) }},
	{"sallyport_backup_last_failure_timestamp_seconds",
		"When a base of the backup last could not be written or proved; 0 where all could.", false,
		func(s Status) float64 { return seconds(s.Failed) }},
	{"sallyport_backup_lag_seconds", "For how long a change has been waiting to be written to the backup; 0 where none is.", false,
		func(s Status) float64 { return s.Shipping.Lag.Seconds() }},
	{"sallyport_backup_shipped_revision", "The revision that is safe in the backup.", false,
		func(s Status) float64 { return float64(s.Shipping.Revision) }},
	{"sallyport_backup_leader", "1 on the node that writes the backup, 0 on others.", false,
		func(s Status) float64 {
			if s.Leader {
				return 1
			}
			return 0
		}},
	{"sallyport_backup_bases_total", "Bases that this process has written.", true, func(s Status) float64 { return float64(s.Bases) }},
	{"sallyport_backup_proofs_total", "Bases that this process has proved.", true, func(s Status) float64 { return float64(s.Proofs) }},
	{"sallyport_backup_failures_total", "Bases that this process could not write or prove.", true,
		func(s Status) float64 { return float64(s.Failures) }},
	{"sallyport_backup_changes_total", "Archives of changes that this process has written.", true,
		func(s Status) float64 { return float64(s.Shipping.Archives) }},
	{"sallyport_backup_changes_failures_total", "How often an archive of changes could not be written.", true,
		func(s Status) float64 { return float64(s.Shipping.Failures) }},
}

// Watch adds the metrics of the keeper, and its check of health.
func (k *Keeper) Watch(m *telemetry.Metrics, h *telemetry.Health) error {
	h.Add("backup", telemetry.Advice, k.Check)
	err := m.GaugeFunc("sallyport_backup_last_proved_age_seconds",
		"Age of the last proof of a backup; since the start, where there never was one. More than 86400 is an alarm.",
		func() float64 { return k.ProofAge().Seconds() })
	if err != nil {
		return err
	}
	for _, one := range metrics {
		add := m.GaugeFunc
		if one.counter {
			add = m.CounterFunc
		}
		if err := add(one.name, one.help, func() float64 { return one.value(k.Status()) }); err != nil {
			return err
		}
	}
	return nil
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000 //nolint:mnd // Milliseconds in a second.
}
