package account

import "github.com/sallyport/sallyport/internal/portal/session"

// session30 is how long a portal believes what it knows of a session.
const session30 = session.FreshFor + 1
