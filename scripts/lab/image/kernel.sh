#!/bin/sh
# Runs inside the new root: unpacks Debian's kernel and makes the initrd that finds the root disk.
# The kernel's own scripts do not run: a full initramfs takes minutes and is not needed.
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd /tmp
package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p' | head -n 1)
apt-get -q download "$package"
# aside: unpacked onto /, it would put a folder in the place of the link /lib
dpkg-deb -x "$package"_*.deb kernel
rm -f "$package"_*.deb
version=${package#linux-image-}
mkdir -p /usr/lib/modules
mv "kernel/lib/modules/$version" /usr/lib/modules/
depmod "$version"

initrd=/tmp/initrd
mkdir -p $initrd/bin $initrd/dev $initrd/proc $initrd/sys $initrd/newroot $initrd/modules
cp /bin/busybox $initrd/bin/busybox
for applet in sh mount insmod switch_root sleep; do ln -s busybox $initrd/bin/$applet; done
for wanted in virtio_pci virtio_blk ext4 crc32c_generic; do
  modprobe --set-version "$version" --show-depends $wanted | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' | while read -r module; do
  cp "$module" $initrd/modules/
  echo "${module##*/}" >> $initrd/modules/order
done
cat > $initrd/init <<'INIT'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod /modules/$module; done < /modules/order
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
mount -t ext4 -o ro /dev/vda /newroot
for place in dev proc sys; do mount -o move /$place /newroot/$place; done
exec switch_root /newroot /lab-init
INIT
chmod +x $initrd/init
(cd $initrd && find . | busybox cpio -o -H newc) | gzip -1 > /boot/lab-initrd
mv "kernel/boot/vmlinuz-$version" /boot/lab-kernel
rm -rf $initrd kernel
mkdir -p /lab/project
