#!/bin/sh
# Runs inside the new root: unpacks Debian's kernel with the modules that the board needs, and makes the initrd
# that finds the slot. The kernel package's own scripts do not run: a full initramfs takes minutes under emulation,
# and is not needed.
#   kernel.sh PACKAGE MODULE...
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
newest=$(apt-cache depends "$1" | sed -n 's/.*Depends: \(linux-image-[0-9]\)/\1/p' | head -n 1)
shift
version=${newest#linux-image-}

work=$(mktemp -d)
cd "$work"
apt-get -q download "$newest"
# aside: unpacked onto /, it would put a folder in the place of the link /lib
dpkg-deb -x "$newest"_*.deb kernel
mkdir -p "all/lib/modules"
mv "kernel/lib/modules/$version" all/lib/modules/
depmod -b all "$version"

to=/usr/lib/modules/$version
mkdir -p "$to"
cp all/lib/modules/"$version"/modules.builtin* all/lib/modules/"$version"/modules.order "$to"
for module in "$@"; do
  modprobe -d all --set-version "$version" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | sort -u | while read -r file; do
  inside=${file#*/lib/modules/"$version"/}
  mkdir -p "$to/${inside%/*}"
  cp "$file" "$to/$inside"
done
depmod "$version"

initrd=$work/initrd
mkdir -p $initrd/bin $initrd/dev $initrd/proc $initrd/sys $initrd/newroot $initrd/modules
cp /bin/busybox $initrd/bin/busybox
for applet in sh mount insmod switch_root sleep sed cat; do ln -s busybox $initrd/bin/$applet; done
for wanted in virtio_pci virtio_mmio virtio_blk ext4 crc32c_generic; do
  modprobe --set-version "$version" --show-depends $wanted | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' | while read -r module; do
  cp "$module" $initrd/modules/
  echo "${module##*/}" >> $initrd/modules/order
done
cp /tmp/initrd-init $initrd/init
chmod 755 $initrd/init
(cd $initrd && find . | sort | busybox cpio -o -H newc) | gzip -9n > /boot/initrd
mv "kernel/boot/vmlinuz-$version" /boot/vmlinuz
cd /
rm -rf "$work"
