package redistest_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/redisconn"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServersAnswer(t *testing.T) {
	for _, flavour := range redistest.Flavours() {
		t.Run(string(flavour), func(t *testing.T) {
			for name, start := range map[string]func(t *testing.T) string{
				"single": func(t *testing.T) string {
					return redistest.Start(t, redistest.Options{Flavour: flavour, Password: "open-sesame"}).URL()
				},
				"sentinel": func(t *testing.T) string {
					return redistest.StartSentinel(t, redistest.Options{Flavour: flavour, Password: "open-sesame"}).URL()
				},
				"cluster": func(t *testing.T) string {
					return redistest.StartCluster(t, redistest.Options{Flavour: flavour, Password: "open-sesame"}).URL()
				},
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					answers(t, start(t))
				})
			}
		})
	}
}

// answers sets a value and reads it again, through Open.
func answers(t *testing.T, address string) {
	t.Helper()
	settings, err := redisconn.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	client, err := redisconn.Open(settings, redisconn.Use{Name: "test", CallTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := client.Set(t.Context(), "k", "v", time.Minute).Err(); err != nil {
		t.Fatalf("%v: %v", settings, err)
	}
	if got, err := client.Get(t.Context(), "k").Result(); err != nil || got != "v" {
		t.Errorf("%v: k = %q, %v; want v", settings, got, err)
	}
	if err := client.Get(t.Context(), "absent").Err(); !redisconn.Absent(err) {
		t.Errorf("%v: what is absent gives %v", settings, err)
	}
}

func TestKillPauseRestart(t *testing.T) {
	s := redistest.Start(t, redistest.Options{Durable: true})
	if _, err := s.Do("SET", "k", "v"); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if _, err := s.Do("PING"); err == nil {
		t.Error("a server that was killed answers")
	}
	s.Restart()
	if got, err := s.Do("GET", "k"); err != nil || got != "v" {
		t.Errorf("after a restart k = %v, %v; want v", got, err)
	}
	s.Pause()
	answered := make(chan error, 1)
	go func() {
		_, err := s.Do("PING")
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Errorf("a server that is paused answers: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	s.Resume()
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestSentinelsReplaceAPrimary(t *testing.T) {
	w := redistest.StartSentinel(t, redistest.Options{})
	settings, err := redisconn.Parse(w.URL())
	if err != nil {
		t.Fatal(err)
	}
	client, err := redisconn.Open(settings, redisconn.Use{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if err := client.Set(t.Context(), "k", "before", 0).Err(); err != nil {
		t.Fatal(err)
	}
	w.Primary.Kill()
	deadline := time.Now().Add(30 * time.Second)
	for {
		if err = client.Set(t.Context(), "k", "after", 0).Err(); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no primary after 30 s: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
