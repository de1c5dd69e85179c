/* SPDX-License-Identifier: MIT */
/*
 * Id maps: which there will be, and who writes them.
 */
#ifndef NAMESPACE_MAPS_H
#define NAMESPACE_MAPS_H

#include "step/builder.h"

/*
 * Decide the maps of a new user namespace: fills the builder's members about them. ranges: where
 * nothing is said, the caller's ranges are mapped too. 0 or -errno.
 */
int maps_decide(struct builder *b, const struct scratch_namespace_options *options, bool ranges);

/* The step that takes a range of ids for each start, if they are to be such. */
int maps_put_range(struct builder *b);

/* Those that write the maps, on the caller's side of a meeting. */
void maps_put_written(struct builder *b);

/* In the child, or by one that needs nobody else. */
void maps_put_own(struct builder *b, enum step_side side);

/*
 * The caller's own id, with a number of its own inside, and ranges around it: lines of a map, in
 * order. Returns how many; there is room for two more than there are ranges.
 */
size_t maps_around(struct scratch_id_map *map, uint32_t inside, uint32_t own,
                   const struct scratch_id_range *range, size_t count);

#endif
