package clr_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/exprtest"
)

func TestString(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`"a,b,,c".Split(',').Length`, "4"},
		{`string.Join("|", "a,b,,c".Split(new[]{','}, StringSplitOptions.RemoveEmptyEntries))`, "a|b|c"},
		{`string.Join("|", "a,b,c".Split(new[]{','}, 2))`, "a|b,c"},
		{`string.Join("|", " a b ".Split(' '))`, "|a|b|"},
		{`string.Join("|", "a--b".Split(new[]{"--"}, StringSplitOptions.None))`, "a|b"},
		{`string.Join("|", "a, b ,".Split(new[]{','}, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))`, "a|b"},
		{`"abc".Substring(1)`, "bc"},
		{`"abc".Substring(3)`, ""},
		{`"abc".Substring(1, 3)`, "!System.ArgumentOutOfRangeException"},
		{`"a😀b".Substring(1, 2)`, "😀"},
		{`"abc".Remove(1, 1) + "abc".Insert(1, "x")`, "acaxbc"},
		{`"aXbX".Replace("X", null)`, "ab"},
		{`"a".Replace("", "x")`, "!System.ArgumentException"},
		{`"aXbx".Replace("x", "-", StringComparison.OrdinalIgnoreCase)`, "a-b-"},
		{`"Hello".IndexOf("L", StringComparison.OrdinalIgnoreCase)`, "2"},
		{`"hello".IndexOf('l', 3)`, "3"},
		{`"hello".LastIndexOf("l")`, "3"},
		{`"hello".LastIndexOf('l', 2)`, "2"},
		{`"hello".IndexOf("l", 9)`, "!System.ArgumentOutOfRangeException"},
		{`"hello".IndexOfAny(new[]{'x','l'})`, "2"},
		{`"Hello".StartsWith("hE", StringComparison.OrdinalIgnoreCase)`, "True"},
		{`"Straße".ToUpperInvariant()`, "STRAßE"},
		{`"  x ".Trim() + "xxaxx".Trim('x') + "aab".TrimStart('a')`, "xab"},
		{`"7".PadLeft(3, '0') + "7".PadRight(3) + "|"`, "0077  |"},
		{`string.Format("{0,5:F1}|{1,-3}|{{}}", 1.25, "a")`, "  1.2|a  |{}"},
		{`string.Format("{1}", 1)`, "!System.FormatException"},
		{`string.Format("{", 1)`, "!System.FormatException"},
		{`string.Compare("a", "B") + string.CompareOrdinal("a", "B")`, "30"},
		{`string.Compare("a", "A", true)`, "0"},
		{`string.Equals("a", "A", StringComparison.OrdinalIgnoreCase)`, "True"},
		{`string.IsNullOrWhiteSpace(" \t") && string.IsNullOrEmpty(null)`, "True"},
		{`new string('a', 3) + new string(new[]{'b','c'})`, "aaabc"},
		{`string.Concat(1, null, "x", true)`, "1xTrue"},
		{`string.Join(",", new List<int>{1,2})`, "1,2"},
		{`"abc"[1]`, "b"},
		{`"abc"[3]`, "!System.IndexOutOfRangeException"},
		{`"b".CompareTo("a") + StringComparer.OrdinalIgnoreCase.Compare("A", "a")`, "1"},
		{`"abc".Contains(null)`, "!System.ArgumentNullException"},
		{`new string(char.MaxValue, -1)`, "!System.ArgumentOutOfRangeException"},
	})
}

func TestNumbers(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`int.Parse(" -42 ")`, "-42"},
		{`int.Parse("2147483648")`, "!System.OverflowException"},
		{`int.Parse("1,000")`, "!System.FormatException"},
		{`int.Parse("1,000", System.Globalization.NumberStyles.Number)`, "1000"},
		{`int.Parse("ff", System.Globalization.NumberStyles.HexNumber)`, "255"},
		{`double.Parse("1.5e3") + double.Parse("Infinity")`, "Infinity"},
		{`{decimal d; return decimal.TryParse("x", out d) ? 1 : d;}`, "0"},
		{`decimal.Parse("1,234.50")`, "1234.50"},
		{`byte.MaxValue + ulong.MaxValue.ToString() + long.MinValue`, "25518446744073709551615-9223372036854775808"},
		{`1234567.891.ToString("N2") + 5.ToString("D3") + 255.ToString("x")`, "1,234,567.89005ff"},
		{`5.ToString("Q")`, "!System.FormatException"},
		{`5.CompareTo(7) + 5.Equals(5L).ToString()`, "-1False"},
		{`bool.Parse(" true ") && !bool.TrueString.Equals("true")`, "True"},
		{`bool.Parse("yes")`, "!System.FormatException"},
		{`Math.Round(2.5) + Math.Round(2.5, MidpointRounding.AwayFromZero) + Math.Round(1.255, 2)`, "6.25"},
		{`Math.Max(1, 2.5) + Math.Abs(-3) + Math.Sign(-2m)`, "4.5"},
		{`Math.Abs(int.MinValue)`, "!System.OverflowException"},
		{`Math.Floor(-1.5m) + Math.Ceiling(1.2m)`, "0"},
		{`decimal.Round(2.345m, 2) + decimal.Truncate(1.9m)`, "3.34"},
		{`Math.Clamp(5, 1, 3) + Math.Pow(2, 10)`, "1027"},
		{`new Random(1).Next(3, 3)`, "3"},
		{`new Random().Next(10) < 10`, "True"},
		{`new Random().Next(3, 1)`, "!System.ArgumentOutOfRangeException"},
	})
}

func TestConvert(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`Convert.ToInt32(2.5) + Convert.ToInt32(3.5)`, "6"},
		{`Convert.ToInt32("7") + Convert.ToInt32(true) + Convert.ToInt32('a') + Convert.ToInt32(null)`, "105"},
		{`Convert.ToByte(300)`, "!System.OverflowException"},
		{`Convert.ToInt32("ff", 16) + Convert.ToString(255, 2)`, "25511111111"},
		{`Convert.ToBoolean("False") || Convert.ToBoolean(0.5)`, "True"},
		{`Convert.ToInt32("x")`, "!System.FormatException"},
		{`Convert.ToBase64String(Convert.FromBase64String("aGk ="))`, "aGk="},
		{`Convert.FromBase64String("a")`, "!System.FormatException"},
		{`Convert.ToBase64String(null)`, "!System.ArgumentNullException"},
		{`Convert.ToHexString(new byte[]{1, 255})`, "01FF"},
		{`BitConverter.ToString(BitConverter.GetBytes(258)) + BitConverter.ToInt16(new byte[]{1, 1}, 0)`, "02-01-00-00257"},
		{`BitConverter.ToInt32(new byte[]{1}, 0)`, "!System.ArgumentException"},
		{`Convert.ToChar("ab")`, "!System.FormatException"},
		{`Convert.ToString((object)null) + Convert.ToString((string)null)`, ""},
	})
}

func TestOthers(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`char.IsLetter('ä') && char.IsDigit('5') && !char.IsUpper('a') && char.IsWhiteSpace(' ')`, "True"},
		{`char.ToUpper('a').ToString() + char.GetNumericValue('7') + char.ConvertFromUtf32(0x1F600)`, "A7😀"},
		{`Guid.Parse("0F8FAD5B-D9CB-469F-A165-70867728950E").ToString("N")`, "0f8fad5bd9cb469fa16570867728950e"},
		{`Guid.Empty == new Guid() && Guid.NewGuid() != Guid.NewGuid()`, "True"},
		{`new Guid(new Guid("0f8fad5b-d9cb-469f-a165-70867728950e").ToByteArray())`, "0f8fad5b-d9cb-469f-a165-70867728950e"},
		{`Guid.Parse("x")`, "!System.FormatException"},
		{`Guid.NewGuid().ToString()[14]`, "4"},
		{`((DayOfWeek)3).ToString() + (int)DayOfWeek.Friday`, "Wednesday5"},
		{`(StringSplitOptions)3`, "RemoveEmptyEntries, TrimEntries"},
		{`(DayOfWeek)Enum.Parse(typeof(DayOfWeek), "friday", true)`, "Friday"},
		{`Enum.IsDefined(typeof(DayOfWeek), 9)`, "False"},
		{`{var a = new[]{3,1,2}; Array.Sort(a); Array.Reverse(a); return string.Join(",", a) + Array.IndexOf(a, 1);}`, "3,2,12"},
		{`Array.Find(new[]{1,5,7}, n => n > 4) + Array.ConvertAll(new[]{1}, n => n + "x")[0]`, "51x"},
		{`{var a = new byte[]{1,2,3}; var b = new byte[3]; Array.Copy(a, 1, b, 0, 2); return b[0] * 10 + b[1];}`, "23"},
		{`Array.Exists(new[]{1}, n => n == 2)`, "False"},
		{`Tuple.Create(1, "a").Item2 + Tuple.Create(1, 2)`, "a(1, 2)"},
		{`new ArgumentException("m", "p").Message`, "m (Parameter 'p')"},
		{`{throw new ArgumentNullException("p");}`, "!System.ArgumentNullException"},
		{`typeof(List<string>).Name + 5.GetType()`, "List`1System.Int32"},
		{`object.Equals(1, 1) && !object.Equals(1, 1L) && object.ReferenceEquals(null, null)`, "True"},
		{`{int? a = 5; return a.Value + a.GetValueOrDefault() + (a.HasValue ? 1 : 0);}`, "11"},
		{`{int? a = null; return a.Value;}`, "!System.InvalidOperationException"},
	})
}
