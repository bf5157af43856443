package dates_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/exprtest"
)

func TestDateTime(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`DateTime.UtcNow.ToString("o")`, "2024-03-15T10:30:46.5000000Z"},
		{`DateTime.Now.ToString("o")`, "2024-03-15T10:30:46.5000000+00:00"},
		{`DateTime.Today.AddDays(-15).ToString("yyyy-MM-dd")`, "2024-02-29"},
		{`new DateTime(2024, 1, 31).AddMonths(1).ToString("d")`, "02/29/2024"},
		{`new DateTime(2023, 2, 29)`, "!System.ArgumentOutOfRangeException"},
		{`DateTime.MaxValue.AddDays(1)`, "!System.ArgumentOutOfRangeException"},
		{`(new DateTime(2024, 3, 1) - new DateTime(2024, 2, 1)).TotalDays`, "29"},
		{`new DateTime(2024, 1, 1) < DateTime.UtcNow && DateTime.UtcNow >= DateTime.MinValue`, "True"},
		{`DateTime.Parse("2024-01-02T03:04:05Z").Kind`, "Local"},
		{`DateTime.Parse("x")`, "!System.FormatException"},
		{`{DateTime d; return DateTime.TryParse("2024-13-01", out d) ? "yes" : d.ToString("s");}`, "0001-01-01T00:00:00"},
		{`DateTime.ParseExact("20240102", "yyyyMMdd", null).DayOfWeek`, "Tuesday"},
		{`DateTime.UtcNow.Year * 100 + DateTime.UtcNow.Month + DateTime.UtcNow.Hour`, "202413"},
		{`DateTime.DaysInMonth(2024, 2) + DateTime.DaysInMonth(2023, 2)`, "57"},
		{`DateTime.DaysInMonth(2024, 13)`, "!System.ArgumentOutOfRangeException"},
		{`(long)(DateTime.UtcNow - new DateTime(1970, 1, 1)).TotalSeconds`, "1710498646"},
		{`DateTime.SpecifyKind(new DateTime(2024, 1, 1), DateTimeKind.Utc).ToString("u")`, "2024-01-01 00:00:00Z"},
	})
}

func TestTimeSpan(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`TimeSpan.FromMinutes(90.5)`, "01:30:30"},
		{`new TimeSpan(1, 2, 3, 4, 5)`, "1.02:03:04.0050000"},
		{`TimeSpan.Parse("1.02:03:04").Hours + TimeSpan.FromSeconds(90).TotalMinutes`, "3.5"},
		{`-TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1)`, "-00:59:00"},
		{`TimeSpan.FromDays(double.MaxValue)`, "!System.OverflowException"},
		{`TimeSpan.FromHours(2).ToString(@"hh\:mm")`, "02:00"},
		{`TimeSpan.Zero < TimeSpan.FromTicks(1) && TimeSpan.MaxValue > TimeSpan.Zero`, "True"},
	})
}

func TestDateTimeOffset(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`DateTimeOffset.UtcNow.ToUnixTimeSeconds()`, "1710498646"},
		{`DateTimeOffset.FromUnixTimeSeconds(0).ToString("o")`, "1970-01-01T00:00:00.0000000+00:00"},
		{`DateTimeOffset.FromUnixTimeSeconds(long.MaxValue)`, "!System.ArgumentOutOfRangeException"},
		{`DateTimeOffset.Parse("2024-01-02T03:04:05+02:00")`, "01/02/2024 03:04:05 +02:00"},
		{`DateTimeOffset.Parse("2024-01-02T03:04:05+02:00").UtcDateTime.ToString("o")`, "2024-01-02T01:04:05.0000000Z"},
		{`DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(15))`, "!System.ArgumentOutOfRangeException"},
		{`DateTimeOffset.Parse("2024-01-01T00:00:00Z") == DateTimeOffset.Parse("2024-01-01T01:00:00+01:00")`, "True"},
		{`new DateTimeOffset(new DateTime(2024, 1, 1), TimeSpan.FromHours(1)).AddDays(1.5).ToString("r")`, "Tue, 02 Jan 2024 11:00:00 GMT"},
	})
}

func TestTimeZoneInfo(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`TimeZoneInfo.ConvertTimeFromUtc(new DateTime(2024, 7, 1), TimeZoneInfo.FindSystemTimeZoneById("UTC")).Kind`, "Utc"},
		{`TimeZoneInfo.FindSystemTimeZoneById("Nowhere")`, "!System.TimeZoneNotFoundException"},
		{`TimeZoneInfo.Utc.Id + TimeZoneInfo.Local.BaseUtcOffset`, "UTC00:00:00"},
	})
}
