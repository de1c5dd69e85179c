/* SPDX-License-Identifier: MIT */
#include "base/privilege.h"
#include "base/sys.h"

uint64_t privilege_effective(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (sys2(SYS_capget, (long)&header, (long)data) < 0)
        return 0;
    return data[0].effective | (uint64_t)data[1].effective << 32;
}
