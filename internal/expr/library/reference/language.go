package reference

// language is what the index says of the language itself.
const language = "## The language\n\n" +
	"Expressions are C# 7.3: every operator, statement, pattern, query, lambda and local function of it. What a policy has " +
	"no use for, or could do harm with, is refused when the policy is saved:\n\n" +
	"| refused | error | because |\n|---|---|---|\n" +
	"| `async`, `await` | SP0004, CS4032 | A run has one thread and nothing that it could wait for. |\n" +
	"| `dynamic` | CS1980 | Members are found when the policy is saved, so that only listed ones can be reached. |\n" +
	"| `unsafe`, `fixed`, pointers, `stackalloc` | CS0227, CS0214, CS0193 | They reach around the types, and so around the list. |\n" +
	"| `this`, `base` | CS0026, CS1511 | An expression is the body of a static method: there is no object around it. |\n" +
	"| types, namespaces, `using` directives | CS1513 and others | An expression is a body; all namespaces below are known in it. |\n" +
	"| `#if` and other directives | CS1027, CS1040 | An expression is one text, with nothing to be left out. |\n" +
	"| `yield` outside of a local function | CS1624, CS1621 | Only a local function can be an iterator. |\n" +
	"| `@$\"…\"`, `??=`, ranges, switch expressions and what else came after C# 7.3 | CS8370, CS8401 | API Management compiles C# 7. |\n\n" +
	"`lock` runs its block and locks nothing: a run has one thread, and no object that it can lock is shared with another run.\n\n" +
	"## The library\n\n"
