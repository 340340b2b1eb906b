#!/bin/bash
# Unpacks Debian's kernel into a unit's root, with the modules that its board needs, and makes the initrd that finds
# the slot. The package's own scripts do not run: a full initramfs takes minutes under emulation, and is not needed.
#   kernel.sh ROOT KERNEL.deb INITRD-INIT MODULE...
set -eo pipefail
root=$1 deb=$2 init=$3
shift 3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dpkg-deb -x "$deb" "$work/kernel"
version=$(ls "$work/kernel/lib/modules")
all=$work/all/lib/modules/$version
mkdir -p "${all%/*}"
mv "$work/kernel/lib/modules/$version" "$all"
depmod -b "$work/all" "$version"

# the files of modules and of all that they need, in the order in which they are loaded
needed() {
  for module in "$@"; do
    modprobe -d "$work/all" --set-version "$version" --show-depends "$module" > "$work/told"
    sed -n 's/^insmod \([^ ]*\).*/\1/p' "$work/told"
  done | awk '!seen[$0]++'
}

to=$root/usr/lib/modules/$version
mkdir -p "$to"
cp "$all"/modules.builtin* "$all"/modules.order "$to"
needed "$@" > "$work/wanted"
while read -r file; do
  inside=${file#"$all"/}
  mkdir -p "$to/${inside%/*}"
  cp "$file" "$to/$inside"
done < "$work/wanted"
depmod -b "$root" "$version"

initrd=$work/initrd
for place in bin dev proc sys newroot modules; do mkdir -p "$initrd/$place"; done
cp "$root/bin/busybox" "$initrd/bin/busybox"
for applet in sh mount insmod switch_root sleep sed cat; do ln -s busybox "$initrd/bin/$applet"; done
needed virtio_pci virtio_mmio virtio_blk ext4 crc32c_generic > "$work/wanted"
while read -r file; do
  cp "$file" "$initrd/modules/"
  echo "${file##*/}" >> "$initrd/modules/order"
done < "$work/wanted"
cp "$init" "$initrd/init"
chmod 755 "$initrd/init"
(cd "$initrd" && find . | LC_ALL=C sort | cpio --quiet -o -H newc) | gzip -9n > "$root/boot/initrd"
mv "$work/kernel/boot/vmlinuz-$version" "$root/boot/vmlinuz"
