# Chooses the slot that starts: the first in BOOT_ORDER that has tries left. A try is spent, and that is written,
# before the kernel is loaded: a slot that never says that it is well falls behind the other by itself.
# RAUC reads and writes the same three variables through libubootenv.
#
# The environment lies twice in the partition `boot-env`, each copy as libubootenv's redundant form: CRC-32 of the
# data, a counter of one byte, data. The copy with the higher counter holds; the other is the one to be written.
# Whatever write is cut off, a copy with the right sum is left.

setenv env_blocks 8
setenv env_bytes fff
setenv data_bytes ffb
setenv second_at 200

setexpr one ${pxefile_addr_r} + 0
setexpr two ${pxefile_addr_r} + 1000
setexpr plain ${pxefile_addr_r} + 2000
setexpr plain_data ${plain} + 4
part start ${devtype} ${devnum} boot-env one_block
setexpr one_block 0x${one_block} + 0
setexpr two_block ${one_block} + ${second_at}
${devtype} read ${one} ${one_block} ${env_blocks}
${devtype} read ${two} ${two_block} ${env_blocks}
setexpr one_flag ${one} + 4
setexpr two_flag ${two} + 4
setexpr one_data ${one} + 5
setexpr two_data ${two} + 5
setexpr.b one_count *${one_flag}
setexpr.b two_count *${two_flag}

# `env import -c` wants the sum right before the data
setenv one_good 0
cp.b ${one} ${plain} 4
cp.b ${one_data} ${plain_data} ${data_bytes}
if env import -c ${plain} ${env_bytes} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT; then setenv one_good 1; fi
setenv two_good 0
cp.b ${two} ${plain} 4
cp.b ${two_data} ${plain_data} ${data_bytes}
if env import -c ${plain} ${env_bytes} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT; then setenv two_good 1; fi

# which of the two holds; 255 is followed by 0
setenv holds none
if test ${one_good} = 1; then setenv holds one; fi
if test ${two_good} = 1; then
  if test ${holds} = none; then setenv holds two
  elif itest.b ${one_count} == ff && itest.b ${two_count} == 0; then setenv holds two
  elif itest.b ${one_count} == 0 && itest.b ${two_count} == ff; then setenv holds one
  elif itest.b ${two_count} > ${one_count}; then setenv holds two
  fi
fi

setenv BOOT_ORDER
setenv BOOT_A_LEFT
setenv BOOT_B_LEFT
setenv count ff
if test ${holds} = one; then
  setenv count ${one_count}
  cp.b ${one} ${plain} 4
  cp.b ${one_data} ${plain_data} ${data_bytes}
fi
if test ${holds} = two; then setenv count ${two_count}; fi
if test ${holds} != none; then env import -c ${plain} ${env_bytes} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT; fi
test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT 3
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 3

setenv slot none
for candidate in ${BOOT_ORDER}; do
  if test ${slot} = none; then
    if test ${candidate} = A && itest ${BOOT_A_LEFT} > 0; then
      setenv slot A
      setenv root root-a
      setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1
    elif test ${candidate} = B && itest ${BOOT_B_LEFT} > 0; then
      setenv slot B
      setenv root root-b
      setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1
    fi
  fi
done
# no slot has a try left: better to go round again than to stay dark
if test ${slot} = none; then
  setenv BOOT_ORDER "A B"
  setenv BOOT_A_LEFT 3
  setenv BOOT_B_LEFT 3
fi
echo fulltrace: slot ${slot}, order ${BOOT_ORDER}, tries left A ${BOOT_A_LEFT} B ${BOOT_B_LEFT}, environment ${holds}

env export -c -s ${env_bytes} ${plain} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
setexpr.b count ${count} + 1
if test ${holds} = one; then
  setenv target ${two}
  setenv target_block ${two_block}
else
  setenv target ${one}
  setenv target_block ${one_block}
fi
setexpr target_flag ${target} + 4
setexpr target_data ${target} + 5
cp.b ${plain} ${target} 4
mw.b ${target_flag} ${count} 1
cp.b ${plain_data} ${target_data} ${data_bytes}
${devtype} write ${target} ${target_block} ${env_blocks}

if test ${slot} = none; then reset; fi
part number ${devtype} ${devnum} ${root} number
setenv bootargs "root=PARTLABEL=${root} ro rauc.slot=${slot} ${board_args}"
if load ${devtype} ${devnum}:${number} ${kernel_addr_r} boot/vmlinuz; then
  if load ${devtype} ${devnum}:${number} ${ramdisk_addr_r} boot/initrd; then
    bootz ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
  fi
fi
echo fulltrace: slot ${slot} does not start
reset
