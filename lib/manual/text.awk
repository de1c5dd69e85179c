# SPDX-License-Identifier: MIT
#
# The text of a comment, in the macros of man(7): what header.awk writes with.

function escape(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return text
}

# What stands at the begin of a line is no macro.
function guard(line) {
    return (line ~ /^[.']/ ? "\\&" : "") line
}

# The part of a word that the last match() has found, in another font.
function in_font(word, font, length_of_it) {
    return substr(word, 1, RSTART - 1) font escape(substr(word, RSTART, length_of_it)) "\\fR" \
           substr(word, RSTART + length_of_it)
}

# A word that is a name of something: pages of the manual, functions, errors, numbers.
function mark(word) {
    if (match(word, /[A-Za-z_][A-Za-z0-9_.-]*\([1-9]\)/)) {
        mentioned[substr(word, RSTART, RLENGTH)] = 1
        return in_font(word, "\\fB", RLENGTH - 3)
    }
    if (match(word, /scratch_[a-z0-9_]+\(\)/))
        return in_font(word, "\\fB\\%", RLENGTH - 2) # \%: never hyphenated
    if (match(word, /-E[A-Z0-9]+/))
        return in_font(word, "\\fB", RLENGTH)
    if (match(word, /--?[a-z0-9]/) && RSTART == 1)
        return escape(word)
    gsub(/\\/, "\\e", word)
    return word
}

# `code`, of one word or several.
function mark_code(word,    parts, count, i, marked) {
    count = split(word, parts, "`")
    for (i = 1; i <= count; i++) {
        if (i > 1) {
            in_code = !in_code
            marked = marked (in_code ? "\\fB" : "\\fR")
        }
        marked = marked (in_code ? escape(parts[i]) : mark(parts[i]))
    }
    return marked
}

function put_word(word, width) {
    if (column > 0 && column + width > 75) {
        printf "\n"
        column = 0
    }
    printf "%s", (column > 0 ? " " word : guard(word))
    column += width + 1
}

function put_line(line,    words, count, i, word) {
    count = split(line, words, " ")
    for (i = 1; i <= count; i++) {
        word = words[i]
        if (word ~ /^@(p|ref)$/ && i < count) {
            word = words[++i]
            match(word, /^[A-Za-z0-9_>-]*/)
            word = in_font(word, "\\fI", RLENGTH)
        } else {
            word = mark_code(word)
        }
        put_word(word, length(words[i]) + 4)
    }
}

function end_line() {
    if (column > 0)
        printf "\n"
    column = 0
}

# Paragraphs have an empty line between them; lines with four spaces before them are an example.
function write_text(text,    lines, count, i, example, gap, begun) {
    example = gap = begun = 0
    count = split(text, lines, "\n")
    for (i = 1; i <= count; i++) {
        if (lines[i] ~ /^ *$/) {
            gap = begun
            continue
        }
        if (example != (lines[i] ~ /^    /)) {
            end_line()
            example = !example
            print (example ? ".PP\n.in +4n\n.EX" : ".EE\n.in")
            if (!example)
                gap = 1
        } else if (gap && example) {
            print ""
        }
        if (gap && !example) {
            end_line()
            print ".PP"
        }
        if (example)
            print guard(escape(substr(lines[i], 5)))
        else
            put_line(lines[i])
        gap = 0
        begun = 1
    }
    end_line()
    if (example)
        print ".EE\n.in"
}
