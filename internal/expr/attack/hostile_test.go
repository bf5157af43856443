package attack

import (
	"fmt"
	"strings"
)

// hostileLength is the length of the texts that are hard to compile, in bytes.
const hostileLength = 64 << 10

// hostile are further attacks on the compiler: what is repeated and nested as often as 64 KiB hold it, and lambdas in
// lambdas whose types depend on each other.
func hostile() group {
	g := group{name: "hostile"}
	for _, piece := range []string{
		"1+", "a.", "(a)", "x=>", "-", "!", "(int)", "(a,", "a?b:", "a??", "f(", "new{a=", "()=>", "(x)=>{", "a<", "a<b>", "1?.a", "from a in b select ", "a=>b=>", "new[]{", "new int[]{", "Tuple.Create(", "typeof(", "nameof(", "default(",
		"1.0m+", "0x1+", "'a'+", `""+`, `"a".Length+`, `$"{1}"+`, `$"{`, `$@"{`, "{", "{{", "{{{{", "}", "[", "@", "#", "\x00", "é", `\u0041`, "1 is int&&", "await ", "delegate{", "checked(", "ref ", "out a,", "a:b,", "=>", "??=", "..", "::",
	} {
		g.code = append(g.code, strings.Repeat(piece, hostileLength/len(piece))+"1")
	}
	for _, statement := range []string{
		";", "{}", "{", "int a;", "a:;", "if(true);", "if(true){", "else ", "try{}finally{}", "try{", "for(;;){}", "for(;;)", "while(true)", "do ", "foreach(var x in \"\"){}", "switch(1){}", "switch(1){default:", "int F(){return 1;}", "int F(){", "var a=1;", "return ", "throw ", "goto a;", "lock(a)", "using(a)",
		"var x=new{a=1};", "object o=$\"{1}\";", "Func<int,int> f=x=>x;",
	} {
		g.code = append(g.code, "@{ "+strings.Repeat(statement, hostileLength/len(statement))+" return 1; }")
	}
	numbered := func(head, format, tail string) {
		var b strings.Builder
		for i := 0; b.Len() < hostileLength; i++ {
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(format, "%d", fmt.Sprint(i)), "%e", fmt.Sprint(i+1)))
		}
		g.code = append(g.code, head+b.String()+tail)
	}
	numbered("@{ switch (1) {", "case %d:break;", "} return 1; }")
	numbered("@{ switch (\"\") {", "case \"%d\":break;", "} return 1; }")
	numbered("@{ ", "int a%d=%d;", " return 1; }")
	numbered("@{ ", "int F%d(int n)=>n;", " return 1; }")
	numbered("@{ ", "goto a%d;a%d:;", " return 1; }")
	numbered("@{ int x = 1; ", "Func<int> f%d=()=>x;", " return 1; }")
	numbered("@{ var x0 = 1; ", "var x%e=new{a=x%d};", " return 1; }")
	numbered("@{ var x0 = new[]{1}; ", "var x%e=new[]{x%d};", " return 1; }")
	numbered("new{", "a%d=%d,", "b=1}")
	numbered("(", "a%d:%d,", "b:1)")
	for _, n := range []int{5, 10, 20, 40} {
		for _, lambda := range [][3]string{
			{"new[]{1}.Sum(x%d => ", "1", ")"}, {"new[]{1}.Max(x%d => ", "missing", ")"}, {"new[]{1}.Average(x%d => ", `"a"`, ")"}, {"new[]{1}.Select(x%d => ", "1", ").First()"},
			{"new[]{1}.Aggregate((x%d, y%d) => ", "1", ")"}, {"new[]{1}.GroupBy(x%d => ", "1", ").First().Key"}, {"new[]{1}.ToDictionary(x%d => ", "1", ").Count"}, {"new[]{1}.SelectMany(x%d => ", "new[]{1}", ", (a%d, b%d) => a%d)"},
			{"new[]{1}.Join(new[]{1}, x%d => ", "1", ", y%d => y%d, (z%d, w%d) => z%d).First()"}, {"(from x%d in new[]{1} let y%d = ", "1", " where y%d == 1 orderby y%d group y%d by x%d into g%d select g%d.Count()).First()"},
			{"Tuple.Create(new[]{1}.Sum(x%d => ", "1", "), 1).Item1"}, {"((Func<int, int>)(x%d => ", "1", "))(1)"},
		} {
			var open, end string
			for i := range n {
				open += strings.ReplaceAll(lambda[0], "%d", fmt.Sprint(i))
				end = strings.ReplaceAll(lambda[2], "%d", fmt.Sprint(i)) + end
			}
			g.code = append(g.code, open+lambda[1]+end)
		}
	}
	return g
}
