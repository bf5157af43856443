package syntax

import "strings"

// keywords are the reserved words of C#.
var keywords = map[string]Kind{
	"abstract": KwAbstract, "as": KwAs, "base": KwBase, "bool": KwBool, "break": KwBreak, "byte": KwByte,
	"case": KwCase, "catch": KwCatch, "char": KwChar, "checked": KwChecked, "class": KwClass, "const": KwConst,
	"continue": KwContinue, "decimal": KwDecimal, "default": KwDefault, "delegate": KwDelegate, "do": KwDo,
	"double": KwDouble, "else": KwElse, "enum": KwEnum, "event": KwEvent, "explicit": KwExplicit,
	"extern": KwExtern, "false": KwFalse, "finally": KwFinally, "fixed": KwFixed, "float": KwFloat, "for": KwFor,
	"foreach": KwForeach, "goto": KwGoto, "if": KwIf, "implicit": KwImplicit, "in": KwIn, "int": KwInt,
	"interface": KwInterface, "internal": KwInternal, "is": KwIs, "lock": KwLock, "long": KwLong,
	"namespace": KwNamespace, "new": KwNew, "null": KwNull, "object": KwObject, "operator": KwOperator,
	"out": KwOut, "override": KwOverride, "params": KwParams, "private": KwPrivate, "protected": KwProtected,
	"public": KwPublic, "readonly": KwReadonly, "ref": KwRef, "return": KwReturn, "sbyte": KwSbyte,
	"sealed": KwSealed, "short": KwShort, "sizeof": KwSizeof, "stackalloc": KwStackalloc, "static": KwStatic,
	"string": KwString, "struct": KwStruct, "switch": KwSwitch, "this": KwThis, "throw": KwThrow,
	"true": KwTrue, "try": KwTry, "typeof": KwTypeof, "uint": KwUint, "ulong": KwUlong,
	"unchecked": KwUnchecked, "unsafe": KwUnsafe, "ushort": KwUshort, "using": KwUsing, "virtual": KwVirtual,
	"void": KwVoid, "volatile": KwVolatile, "while": KwWhile,
}

// keywordText is the other direction of keywords, for Kind.String.
func keywordText(k Kind) string {
	for text, kind := range keywords {
		if kind == k {
			return text
		}
	}
	return "?"
}

// operators are the symbols of C#, the longer ones first where one begins another.
var operators = []struct {
	text string
	kind Kind
}{
	{"<<=", ShiftLeftAssign},
	{"=>", FatArrow},
	{"??", QuestionQuestion},
	{"::", ColonColon},
	{"++", PlusPlus},
	{"--", MinusMinus},
	{"&&", AmpAmp},
	{"||", PipePipe},
	{"->", Arrow},
	{"==", EqEq},
	{"!=", NotEq},
	{"<=", LessEq},
	{">=", GreaterEq},
	{"+=", PlusAssign},
	{"-=", MinusAssign},
	{"*=", StarAssign},
	{"/=", SlashAssign},
	{"%=", PercentAssign},
	{"&=", AmpAssign},
	{"|=", PipeAssign},
	{"^=", CaretAssign},
	{"<<", ShiftLeft},
	{"{", LBrace},
	{"}", RBrace},
	{"[", LBracket},
	{"]", RBracket},
	{"(", LParen},
	{")", RParen},
	{".", Dot},
	{",", Comma},
	{":", Colon},
	{";", Semicolon},
	{"+", Plus},
	{"-", Minus},
	{"*", Star},
	{"/", Slash},
	{"%", Percent},
	{"&", Amp},
	{"|", Pipe},
	{"^", Caret},
	{"!", Bang},
	{"~", Tilde},
	{"=", Assign},
	{"<", Less},
	{">", Greater},
	{"?", Question},
}

// String returns the token's text as messages of the compiler show it.
func (k Kind) String() string {
	switch k {
	case EOF:
		return "end of the expression"
	case Ident:
		return "identifier"
	case IntLit, RealLit, CharLit, StringLit, InterpolatedLit:
		return "literal"
	case ShiftRight:
		return ">>"
	case ShiftRightAssign:
		return ">>="
	case Invalid:
		return ""
	}
	for _, op := range operators {
		if op.kind == k {
			return op.text
		}
	}
	return keywordText(k)
}

// Keyword returns the reserved word with that text, and whether there is one.
func Keyword(text string) (Kind, bool) {
	k, ok := keywords[text]
	return k, ok
}

// Operator returns the operator or bracket that text begins with, the longest one, and its length; 0 for none.
func Operator(text string) (Kind, int) {
	for _, op := range operators {
		if strings.HasPrefix(text, op.text) {
			return op.kind, len(op.text)
		}
	}
	return Invalid, 0
}
