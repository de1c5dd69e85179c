#include "cgroup/compile.h"
#include "step/undo.h"
int cgroup_compile_make(struct builder *b, const struct scratch_cgroup_options *o,
                        struct cgroup_join *join)
{
    (void)b;
    (void)o;
    join->clone_into = -1;
    join->slot_count = 0;
    return 0;
}
int cgroup_compile_join(struct builder *b, const struct cgroup_join *join)
{
    (void)b;
    (void)join;
    return 0;
}
void cgroup_make_undo(struct step_walk *w, const struct step *step)
{
    (void)w;
    (void)step;
}
