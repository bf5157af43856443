package syntax

// Kind is the kind of a token: a literal, an identifier, one keyword, or one operator.
type Kind uint8

// The kinds of tokens. Contextual keywords (var, when, from …) are identifiers; the parser decides.
const (
	Invalid Kind = iota
	EOF
	Ident
	IntLit
	RealLit
	CharLit
	StringLit
	InterpolatedLit

	LBrace
	RBrace
	LBracket
	RBracket
	LParen
	RParen
	Dot
	Comma
	Colon
	Semicolon
	Plus
	Minus
	Star
	Slash
	Percent
	Amp
	Pipe
	Caret
	Bang
	Tilde
	Assign
	Less
	Greater
	Question
	QuestionQuestion
	ColonColon
	PlusPlus
	MinusMinus
	AmpAmp
	PipePipe
	Arrow
	EqEq
	NotEq
	LessEq
	GreaterEq
	PlusAssign
	MinusAssign
	StarAssign
	SlashAssign
	PercentAssign
	AmpAssign
	PipeAssign
	CaretAssign
	ShiftLeft
	ShiftLeftAssign
	ShiftRight       // Only as an operator of a tree node; the lexer yields two Greater.
	ShiftRightAssign // Only as an operator of a tree node; the lexer yields Greater and GreaterEq.
	FatArrow

	keywordFirst
	KwAbstract
	KwAs
	KwBase
	KwBool
	KwBreak
	KwByte
	KwCase
	KwCatch
	KwChar
	KwChecked
	KwClass
	KwConst
	KwContinue
	KwDecimal
	KwDefault
	KwDelegate
	KwDo
	KwDouble
	KwElse
	KwEnum
	KwEvent
	KwExplicit
	KwExtern
	KwFalse
	KwFinally
	KwFixed
	KwFloat
	KwFor
	KwForeach
	KwGoto
	KwIf
	KwImplicit
	KwIn
	KwInt
	KwInterface
	KwInternal
	KwIs
	KwLock
	KwLong
	KwNamespace
	KwNew
	KwNull
	KwObject
	KwOperator
	KwOut
	KwOverride
	KwParams
	KwPrivate
	KwProtected
	KwPublic
	KwReadonly
	KwRef
	KwReturn
	KwSbyte
	KwSealed
	KwShort
	KwSizeof
	KwStackalloc
	KwStatic
	KwString
	KwStruct
	KwSwitch
	KwThis
	KwThrow
	KwTrue
	KwTry
	KwTypeof
	KwUint
	KwUlong
	KwUnchecked
	KwUnsafe
	KwUshort
	KwUsing
	KwVirtual
	KwVoid
	KwVolatile
	KwWhile
	keywordLast
)

// IsKeyword reports whether k is a reserved word of C#.
func (k Kind) IsKeyword() bool { return k > keywordFirst && k < keywordLast }

// Token is one lexical element with the text it was read from.
type Token struct {
	Span
	// Kind says which element it is.
	Kind Kind
	// Text is the source text, and for an identifier its name without @ and with escapes decoded.
	Text string
	// Value is the decoded content of a character or string literal (WTF-8, so that lone surrogates survive).
	Value string
	// Parts are the pieces of an interpolated string; empty for every other kind.
	Parts []InterpolationPart
	// Verbatim says that an identifier was written with @, so that it is never a contextual keyword.
	Verbatim bool
}
