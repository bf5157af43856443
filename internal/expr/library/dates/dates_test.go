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
		{`new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).ToString("u")`, "2024-01-01 00:00:00Z"},
		{`new DateTime(2024, 1, 1).Kind.ToString() + DateTime.Now.Kind`, "UnspecifiedLocal"},
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
		{`DateTimeOffset.FromFileTime(DateTimeOffset.UnixEpoch.ToFileTime()) == DateTimeOffset.UnixEpoch`, "True"},
		{`DateTimeOffset.FromFileTime(-1)`, "!System.ArgumentOutOfRangeException"},
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
		{`TimeZoneInfo.Utc == TimeZoneInfo.FindSystemTimeZoneById("UTC")`, "True"},
		{`TimeZoneInfo.ConvertTimeFromUtc(new DateTime(2024, 7, 1, 12, 0, 0), TimeZoneInfo.FindSystemTimeZoneById("W. Europe Standard Time")).ToString("o")`, "2024-07-01T14:00:00.0000000"},
		{`TimeZoneInfo.ConvertTimeToUtc(new DateTime(2024, 3, 10, 2, 30, 0), TimeZoneInfo.FindSystemTimeZoneById("Eastern Standard Time"))`, "!System.ArgumentException"},
		{`TimeZoneInfo.ConvertTimeToUtc(DateTime.UtcNow, TimeZoneInfo.FindSystemTimeZoneById("Eastern Standard Time"))`, "!System.ArgumentException"},
		{`TimeZoneInfo.ConvertTimeToUtc(new DateTime(2024, 11, 3, 1, 30, 0), TimeZoneInfo.FindSystemTimeZoneById("Eastern Standard Time")).ToString("o")`, "2024-11-03T06:30:00.0000000Z"},
		{`TimeZoneInfo.ConvertTimeBySystemTimeZoneId(new DateTime(2024, 7, 1, 12, 0, 0), "Eastern Standard Time", "Asia/Tokyo").ToString("s")`, "2024-07-02T01:00:00"},
		{`TimeZoneInfo.ConvertTime(DateTimeOffset.Parse("2024-07-01T12:00:00Z"), TimeZoneInfo.FindSystemTimeZoneById("India Standard Time"))`, "07/01/2024 17:30:00 +05:30"},
		{`TimeZoneInfo.ConvertTimeFromUtc(DateTime.Now, TimeZoneInfo.Utc)`, "!System.ArgumentException"},
		{`TimeZoneInfo.ConvertTimeFromUtc(DateTime.UtcNow, null)`, "!System.ArgumentNullException"},
		{`{var z = TimeZoneInfo.FindSystemTimeZoneById("Eastern Standard Time"); return z.BaseUtcOffset + "," + z.SupportsDaylightSavingTime + "," + z.IsInvalidTime(new DateTime(2024, 3, 10, 2, 30, 0)) + "," + z.IsAmbiguousTime(new DateTime(2024, 11, 3, 1, 30, 0)) + "," + string.Join(";", z.GetAmbiguousTimeOffsets(new DateTime(2024, 11, 3, 1, 30, 0)));}`, "-05:00:00,True,True,True,-05:00:00;-04:00:00"},
		{`TimeZoneInfo.FindSystemTimeZoneById("Eastern Standard Time").GetUtcOffset(new DateTime(2024, 7, 1))`, "-04:00:00"},
		{`TimeZoneInfo.FindSystemTimeZoneById("AUS Eastern Standard Time").IsDaylightSavingTime(new DateTime(2024, 1, 1))`, "True"},
		{`TimeZoneInfo.Utc.GetAdjustmentRules().Length + TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin").GetAdjustmentRules().Last().DaylightDelta.TotalHours`, "1"},
		{`TimeZoneInfo.Utc.GetAmbiguousTimeOffsets(DateTime.UtcNow)`, "!System.ArgumentException"},
	})
}

// ownZone makes a zone of rules, north of the equator or south of it.
const ownZone = `var start = TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday);
	var end = TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 27);
	var north = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(new DateTime(2000, 1, 1), new DateTime(2030, 12, 31), TimeSpan.FromHours(1), start, end);
	var south = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(new DateTime(2000, 1, 1), new DateTime(2030, 12, 31), TimeSpan.FromHours(1), end, start);
	var zone = TimeZoneInfo.CreateCustomTimeZone("Own", TimeSpan.FromHours(1), "(own)", "Own Standard", "Own Summer", new[] { north });
	var below = TimeZoneInfo.CreateCustomTimeZone("Below", TimeSpan.FromHours(1), "(below)", "Below Standard", "Below Summer", new[] { south });
	`

func TestOwnTimeZones(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`{` + ownZone + `return zone.GetUtcOffset(new DateTime(2024, 3, 31, 1, 59, 0)) + "," + zone.GetUtcOffset(new DateTime(2024, 3, 31, 3, 0, 0));}`, "01:00:00,02:00:00"},
		{`{` + ownZone + `return zone.IsInvalidTime(new DateTime(2024, 3, 31, 2, 30, 0)) + "," + zone.IsAmbiguousTime(new DateTime(2024, 10, 27, 2, 30, 0));}`, "True,True"},
		{`{` + ownZone + `return zone.IsDaylightSavingTime(new DateTime(2024, 7, 1)) + "," + zone.IsDaylightSavingTime(new DateTime(2031, 7, 1)) + "," + below.IsDaylightSavingTime(new DateTime(2024, 7, 1)) + "," + below.IsDaylightSavingTime(new DateTime(2024, 1, 1));}`, "True,False,False,True"},
		{`{` + ownZone + `return zone + zone.StandardName + zone.DaylightName + zone.GetAdjustmentRules()[0].DaylightTransitionStart.Week + zone.HasSameRules(below);}`, "(own)Own StandardOwn Summer5False"},
		{`{` + ownZone + `return (start == end) + "," + start.IsFixedDateRule + "," + end.Day + "," + start.DayOfWeek + "," + start.TimeOfDay.Hour;}`, "False,False,27,Sunday,2"},
		{`TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(15), "", "")`, "!System.ArgumentOutOfRangeException"},
		{`TimeZoneInfo.TransitionTime.CreateFixedDateRule(DateTime.UtcNow, 1, 1)`, "!System.ArgumentException"},
		{`TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1), 1, 6, DayOfWeek.Monday)`, "!System.ArgumentOutOfRangeException"},
		{`TimeZone.CurrentTimeZone.IsDaylightSavingTime(DateTime.Now)`, "False"},
	})
}
