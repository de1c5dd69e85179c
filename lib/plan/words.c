#include "plan/words.h"
void plan_free_words(struct scratch_plan *plan)
{
    (void)plan;
}
