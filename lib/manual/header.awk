# SPDX-License-Identifier: MIT
#
# A public header as a page of section 3, to standard output; and in the directory `aliases` one
# small page for each name that the header declares, so that `man scratch_plan_start` finds it.
#
#   awk -v title='2026-01-31 "libscratch 0.1.0"' -v aliases=DIR -v pages=' scratch_plan … ' \
#       -f text.awk -f header.awk plan.h
#
# What it can read is what the headers here have. A comment that begins with two stars is about the
# declaration behind it, other comments of several lines are about the whole. In a comment: @param
# and @return, @p and @ref before a name, `code`, and indented lines for an example. POSIX awk.

# ---- reading: items, each a declaration or a note -------------------------------------------

# Functions that follow one another at once have one comment.
function add_item(its_kind, its_name, its_source) {
    if (pending == "" && its_kind == "function" && adjacent)
        pending = doc[items]
    kind[++items] = its_kind
    name[items] = its_name
    source[items] = its_source
    doc[items] = pending
    pending = ""
    adjacent = its_kind == "function"
}

function add_note(text) {
    add_item("note", "", "")
    doc[items] = text
}

# A line of a comment without what makes it one.
function comment_line(line) {
    sub(/ *\*+\/$/, "", line)
    sub(/^ ?\/?\*+ ?/, "", line)
    return line
}

function end_comment() {
    if (comment ~ /(^|\n)@file/)
        about_file = comment
    else if (documents)
        pending = comment
    else
        add_note(comment)
    in_comment = 0
}

# The name that a typedef or a function is declared with: what a ';' or its parameters follow.
function declared_name(    rest) {
    if (!match(declaration, /scratch_[a-z0-9_]+(;$|[)]?[(])/))
        return ""
    rest = substr(declaration, RSTART)
    sub(/[^a-z0-9_].*/, "", rest)
    return rest
}

# "struct scratch_spec { … };", "typedef …;", "int scratch_run(…);"; others are of no concern.
function end_declaration() {
    if (match(declaration, /^(struct|enum) scratch_[a-z0-9_]+ [{]/))
        add_item(substr(declaration, 1, index(declaration, " ") - 1), \
                 substr(declaration, 1, RLENGTH - 2), declaration)
    else if (declared_name() != "")
        add_item(declaration ~ /^typedef / ? "typedef" : "function", declared_name(), declaration)
    declaration = pending = ""
}

function read_declaration(line) {
    sub(/^ +([*] )?/, " ", line)
    declaration = declaration line
    if (declaration ~ /[{]/ ? declaration ~ /[}];$/ : declaration ~ /;( *\/\*.*)?$/)
        end_declaration()
}

# Those that follow one another at once have one comment; each may have one behind it besides.
function read_define(text, line) {
    sub(/[(].*/, "", text)
    if (text ~ /_H$/)
        return
    if (!defines || pending != "")
        add_item("define", text, "")
    else
        name[items] = name[items] ", " text
    if (match(line, /\/\*\*<.*\*\//))
        source[items] = source[items] text " " substr(line, RSTART, RLENGTH) ","
    defines = 1
}

in_comment {
    comment = comment "\n" comment_line($0)
    if (/\*\/$/)
        end_comment()
    next
}
in_define {
    in_define = /\\$/
    next
}
declaration != "" {
    read_declaration($0)
    next
}
/^\/\* SPDX/ || /^#(if|endif|include|pragma)/ || /^extern "C"/ || /^[}]/ { next }
/^\/\*/ {
    documents = /^\/\*\*/
    comment = comment_line($0)
    in_comment = 1
    if (/\*\/$/)
        end_comment()
    next
}
/^#define/ {
    read_define($2, $0)
    in_define = /\\$/
    next
}
{ defines = 0 }
/^$/ {
    adjacent = 0
    if (pending != "")
        add_note(pending)
    next
}
{ read_declaration($0) }

# ---- the parts of a comment -----------------------------------------------------------------

# Sets prose, parameter[1 … parameters], result, manner (who may call it, and when) and since.
function split_doc(text,    lines, count, i, line, tag) {
    prose = result = tag = ""
    parameters = 0
    count = split(text, lines, "\n")
    for (i = 1; i <= count; i++) {
        line = lines[i]
        if (line ~ /^@(param|return) /)
            tag = substr(line, 2, index(line, " ") - 2)
        else if (tag != "" && line !~ /^ /)
            tag = ""
        if (tag == "param" && line ~ /^@/)
            parameter[++parameters] = substr(line, length("@param ") + 1)
        else if (tag == "param")
            parameter[parameters] = parameter[parameters] line
        else if (tag == "return")
            result = result (line ~ /^@/ ? substr(line, length("@return ") + 1) : line)
        else
            prose = prose "\n" line
    }
    manner = take_sentence("(Thread-safe|Changes the call|One handle has)[^.]*[.]")
    since = take_sentence("Since [0-9.]*[0-9][.]")
}

# Takes the first sentence of that form out of the prose.
function take_sentence(form,    sentence) {
    if (!match(prose, form))
        return ""
    sentence = substr(prose, RSTART, RLENGTH)
    prose = substr(prose, 1, RSTART - 1) substr(prose, RSTART + RLENGTH)
    gsub(/\n/, " ", sentence)
    return sentence
}

# ---- writing --------------------------------------------------------------------------------

# One parameter of a declaration, and what stands before the first: the name in italics.
function emphasize(part,    at) {
    if (!match(part, /[ *][a-z0-9_]+[);]*$/) || part ~ /\(void\);$/)
        return escape(part)
    at = RSTART
    match(part, /[);]*$/)
    return escape(substr(part, 1, at)) "\\fI" substr(part, at + 1, RSTART - at - 1) "\\fB" \
           substr(part, RSTART)
}

function write_declaration(text,    parts, count, i, width) {
    gsub(/ +/, " ", text)
    count = split(text, parts, ", ")
    printf "\\fB"
    for (i = 1; i <= count; i++) {
        if (i < count)
            parts[i] = parts[i] ","
        if (i > 1 && width + length(parts[i]) > 70) {
            printf "\\fR\n\\fB        "
            width = 8
        } else if (i > 1) {
            printf " "
        }
        width += length(parts[i]) + 1
        sub(/,$/, "", parts[i])
        printf "%s%s", emphasize(parts[i]), i < count ? "," : ""
    }
    print "\\fR"
}

function write_tag(tag, text) {
    print ".TP\n\\fB" escape(tag) "\\fR"
    if (text ~ /[^ ]/)
        write_text(text)
    else
        print "\\&"
}

# Takes a comment from the begin of the members that are left.
function take_comment(    comment) {
    comment = substr(members, 1, index(members, "*/") - 1)
    members = substr(members, index(members, "*/") + 2)
    sub(/^\/\*+<? */, "", comment)
    sub(/^ */, "", members)
    return comment
}

# Takes a declaration: up to the separator, or to a comment where the last of an enum has none.
function take_member(separator,    end, comment, member) {
    end = index(members, separator)
    comment = index(members, "/*")
    if (end == 0 || (comment > 0 && comment < end))
        end = comment > 0 ? comment : length(members) + 1
    member = substr(members, 1, end - 1)
    members = substr(members, end)
    sub("^" separator "? *", "", members)
    sub(/ *=.*/, "", member)
    gsub(/  +/, " ", member)
    return member
}

# What is between the braces, each with its comment, before it or behind it. The separator is ";"
# for a struct, and "," for an enum and for constants.
function write_members(text, separator,    member, about) {
    members = text
    sub(/^[^{]*[{] */, "", members)
    sub(/ *[}];$/, "", members)
    while (members != "") {
        about = members ~ /^\/\*/ ? take_comment() : ""
        member = take_member(separator)
        if (members ~ /^\/\*\*</)
            about = about " " take_comment()
        write_tag(member, about)
    }
}

function write_parameters(    i, space) {
    for (i = 1; i <= parameters; i++) {
        space = index(parameter[i], " ")
        print ".TP\n\\fI" substr(parameter[i], 1, space - 1) "\\fR"
        write_text(substr(parameter[i], space + 1))
    }
}

function write_item(i) {
    split_doc(doc[i])
    if (kind[i] == "note")
        print ".PP"
    else
        print ".SS " name[i] (kind[i] == "function" ? "()" : "")
    if (prose !~ /[^ \n]/ && kind[i] == "define" && name[i] ~ /_INIT$/)
        prose = "The defaults, to begin with."
    write_text(prose)
    if (manner != "" && kind[i] != "function")
        write_text(manner)
    if (kind[i] ~ /^(struct|enum|define)$/)
        write_members(source[i], kind[i] == "struct" ? ";" : ",")
    write_parameters()
}

# ---- the page -------------------------------------------------------------------------------

# Sets page, summary and the prose that follows it.
function split_file_doc(    end) {
    sub(/^.*@file +/, "", about_file)
    end = index(about_file, "\n")
    page = "scratch_" substr(about_file, 1, end - 1)
    sub(/[.]h$/, "", page)
    about_file = substr(about_file, end + 1)
    summary = about_file
    sub(/[.](\n| ).*/, "", summary)
    sub(/[.]$/, "", summary)
    gsub(/\n/, " ", summary)
}

function write_name(    i) {
    print ".SH NAME"
    printf "%s", page
    for (i = 1; i <= items; i++)
        if (kind[i] == "function" && name[i] != page)
            printf ",\n%s", name[i]
    print " \\-"
    write_text(summary)
}

function write_synopsis(    i) {
    print ".SH LIBRARY\nlibscratch\n.RB ( \\-lscratch )"
    print ".SH SYNOPSIS\n.nf\n.B #include <scratch/" substr(page, 9) ".h>"
    for (i = 1; i <= items; i++)
        if (kind[i] == "typedef")
            print ".PP\n\\fB" escape(source[i]) "\\fR"
    for (i = 1; i <= items; i++)
        if (kind[i] == "function") {
            print ".PP"
            write_declaration(source[i])
        }
    print ".fi"
}

function write_description(    i) {
    print ".SH DESCRIPTION"
    write_text(about_file)
    for (i = 1; i <= items; i++)
        write_item(i)
}

function write_results(    i, plain) {
    print ".SH RETURN VALUE"
    for (i = 1; i <= items; i++) {
        split_doc(doc[i])
        if (kind[i] == "function" && result != "")
            write_tag(name[i] "()", result)
        else if (kind[i] == "function" && source[i] ~ /^int /)
            plain = 1
    }
    if (plain)
        write_tag("Others of type int", "0, or a negative number that is an errno(3); " \
                  "what scratch_error(3) holds says more")
}

# Functions that have the same sentence, in the words of the comment.
function write_sentences(title, which,    i, j, sentence, functions, same, seen) {
    for (i = 1; i <= items; i++) {
        split_doc(doc[i])
        sentence[i] = kind[i] != "function" ? "" : which == "manner" ? manner : since
        functions += kind[i] == "function"
        same[sentence[i]]++
    }
    for (i = 1; i <= items; i++) {
        if (sentence[i] == "" || seen[sentence[i]]++)
            continue
        print (title != "" ? ".SH " title : ".PP")
        title = ""
        write_text(sentence[i])
        if (same[sentence[i]] == functions)
            continue
        print ".IP"
        for (j = i; j <= items; j++)
            if (sentence[j] == sentence[i])
                print ".BR \\%" name[j] (--same[sentence[i]] ? " ()," : " ()")
    }
}

# In order, by insertion.
function write_see_also(    count, sorted, i, word) {
    mentioned["libscratch(3)"] = 1
    delete mentioned[page "(3)"]
    for (word in mentioned) {
        for (i = count++; i > 0 && sorted[i] > word; i--)
            sorted[i + 1] = sorted[i]
        sorted[i + 1] = word
    }
    print ".SH SEE ALSO"
    for (i = 1; i <= count; i++) {
        match(sorted[i], /\(/)
        printf ".BR %s %s%s\n", escape(substr(sorted[i], 1, RSTART - 1)), \
               substr(sorted[i], RSTART), i < count ? " ," : ""
    }
}

# "struct scratch_spec" too has a page, by its last word.
function write_aliases(    i, alias) {
    for (i = 1; i <= items; i++) {
        alias = name[i]
        sub(/.* /, "", alias)
        if (kind[i] == "note" || kind[i] == "define" || index(pages, " " alias " "))
            continue
        printf ".so man3/%s.3\n", page > (aliases "/" alias ".3")
        close(aliases "/" alias ".3")
    }
}

END {
    split_file_doc()
    print ".\\\" SPDX-License-Identifier: MIT"
    print ".\\\" Made from the comments of <scratch/" substr(page, 9) ".h>."
    print ".TH " toupper(page) " 3 " title " \"Library Functions Manual\""
    write_name()
    write_synopsis()
    write_description()
    write_results()
    write_sentences("ATTRIBUTES", "manner")
    write_sentences("VERSIONS", "since")
    write_see_also()
    write_aliases()
}
