# SPDX-License-Identifier: MIT
#
# libscratch(3), to standard output, from a template and the headers: a line "@title@" becomes the
# title, "@pages@" the list of the headers' pages, and "@example@" a program. POSIX awk.
#
#   awk -v title='2026-01-31 "libscratch 0.1.0"' -v example=FILE \
#       -f text.awk -f overview.awk libscratch.3.in plan.h …

# The template is the first of the files.
NR == FNR {
    template[++lines] = $0
    next
}

# The first sentence of a header's comment, which may take several lines.
/^ \* @file / {
    page = "scratch_" substr($3, 1, length($3) - 2)
    summary = ""
    while ((getline line) > 0 && line ~ /^ \* ./) {
        summary = summary (summary == "" ? "" : "\n") substr(line, 4)
        if (match(summary, /[.]( |$)/)) {
            summary = substr(summary, 1, RSTART - 1)
            break
        }
    }
    name[++pages] = page
    about[pages] = summary
}

function write_example(    line) {
    getline line < example # the licence
    while ((getline line < example) > 0)
        print guard(escape(line))
}

function write_pages(    i) {
    for (i = 1; i <= pages; i++) {
        print ".TP\n.BR " name[i] " (3)"
        write_text(about[i])
    }
}

END {
    for (i = 1; i <= lines; i++) {
        if (template[i] == "@title@")
            print ".TH LIBSCRATCH 3 " title " \"Library Functions Manual\""
        else if (template[i] == "@example@")
            write_example()
        else if (template[i] != "@pages@")
            print template[i]
        else
            write_pages()
    }
}
