// Package page is the frame of the developer portal: the layout, the design
// system, forms and their guards, limits, errors and assets. Sections bring
// routes, templates and modules; a Site makes one handler of them.
//
// # Templates
//
// A section's template is executed with a *View: {{.Data}} is Page.Data, and
// {{.Visitor}}, {{.Title}}, {{.Path}} are what they say. In a range or with, the
// View is {{$}}. A template begins with the page's <h1>; the layout gives what is
// around it, breadcrumbs and notices included.
//
// Each form with method="post" has {{$.CSRF}}; one that makes something also has
// {{once}}, whose value Exchange.Once gives, the same however often it is sent.
//
// Functions: once; asset "section/file" (its address); icon "search"; args "Name"
// value … (what a partial is given); list, texts (of anything, of texts); link
// "text" "path"; option "value" "text"; problem list "field"; segment (a part of
// a path); date, moment (a time in UTC); breaks (an address, path or identifier,
// whose lines end after its marks); options (a text, with the options of commands
// that it names as code); number; plural n "call" "calls"; join, lower, upper.
//
// # Partials
//
//	{{template "field" (args "Name" "email" "Label" "E-mail address" "Type" "email" "Value" .Data.Email
//	    "Required" true "Autocomplete" "email" "Hint" "…" "Problem" (problem .Data.Problems "email"))}}
//	    also Optional, ReadOnly, Disabled, Placeholder, InputMode, Min, Max, MinLength, MaxLength, Pattern, Autofocus
//	{{template "textarea" (args "Name" "body" "Label" "Body" "Value" .Data.Body "Rows" 8 "Code" true)}}
//	{{template "select" (args "Name" "state" "Label" "State" "Value" .Data.State
//	    "Options" (list (option "active" "Active") (option "blocked" "Blocked")))}}
//	{{template "checkbox" (args "Name" "terms" "Label" "I agree to the terms" "Checked" false "Type" "checkbox" "Value" "yes")}}
//	{{template "button" (args "Text" "Save" "Kind" "secondary" "Icon" "check" "Name" "action" "Value" "save")}}
//	    Kind: "" (the page's main action), "secondary", "quiet", "danger", "small"
//	{{template "problems" .Data.Problems}}   the summary above a form of a []Problem, with links to the fields
//	{{template "badge" (args "Text" "active" "Kind" "success")}}   Kind: "", "success", "warning", "danger", "info"
//	{{template "method" "GET"}}   an HTTP method
//	{{template "notice" (args "Kind" "info" "Title" "…" "Text" "…")}}   Kind as badge's
//	{{template "table" (args "Caption" "Keys" "CaptionHidden" true "Columns" (texts "Name" "State") "Rows" .Data.Rows)}}
//	    Rows: lists of cells, text or template.HTML
//	{{template "pager" .Data.Pager}}   a Pager, of NewPager
//	{{template "empty" (args "Title" "No APIs yet" "Text" "…" "Action" (link "See products" "/products"))}}
//	{{template "tabs" (args "Label" "Account" "Current" .Path
//	    "Tabs" (list (link "Profile" "/account") (link "Sessions" "/account/sessions")))}}
//	{{template "code" (args "Code" .Data.Sample "Language" "bash" "Title" "curl")}}
//	{{template "definitions" (list (list "Version" "v1") (list "Owner" .Data.Owner))}}
//	{{template "disclosure" (args "Summary" "Details" "Body" .Data.HTML "Open" false)}}
//
// Breadcrumbs come from Page.Crumbs.
//
// # Classes
//
//	<div class="narrow">       a column of text            <div class="form-page">  a small form in the middle
//	<div class="prose">        text from Markdown          <p class="lead">         the sentence below a heading
//	<div class="stack">        things one below the other  <div class="row">        side by side; "row spread" to both ends
//	<ul class="plain">         a list without marks
//	<ul class="grid">          cards side by side          <div class="split"><nav class="side">…</nav><div>…</div></div>
//	<div class="card">         a box                       <div class="card link"><h3><a href>…</a></h3>…</div> is a link as a whole
//	<p class="clamp">          at most three lines         <p class="figure">       a large number
//	<a class="button">         a link as a button          <div class="actions">    the buttons below a form
//	<span class="badge success">                           <span class="method get">
//	<p class="muted">, "small", "nowrap", "mono"           <span class="hidden">    for screen readers only
//	<div class="scroll" tabindex="0" role="region" aria-label="…"> around what is wider than a phone
//	<table class="table">      a table; <td class="number"> for figures
//	<table class="table stack" role="table"> with role="row", role="cell" and data-label="Column" on each <td>:
//	                           rows become blocks on phones
//	<dl class="definitions"><div><dt>…</dt><dd>…</dd></div></dl>
//	<details class="disclosure"><summary>…</summary><div class="disclosure-body">…</div></details>
//	<div data-tabset="language" aria-label="Samples"><section data-tab="curl">…</section>…</div>   tabs where modules run;
//	                           the choice is remembered for all sets of one name. Without modules all are shown, so
//	                           give each section a heading
//	<div class="code" data-copy><pre tabindex="0" role="region" aria-label="…"><code>…</code></pre></div>   with a button to copy
//
// Modules may import { enhance, tabset, copyButton } from "../page/page.js": all
// assets lie in one folder, /assets/{version}/{section}/{file}. Custom properties
// for colours, spacing and type stand at the head of page.css.
//
// # Errors
//
// What Run returns becomes a page: 404 for client.IsNotFound, 503 with Retry-After
// for client.IsUnavailable, the message of other problem.Errors of 4xx with their
// status, and for all others 500 with a number that the log has too.
package page
