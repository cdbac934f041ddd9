#!/usr/bin/env bash
# Builds the image and runs it as a pod would: numeric user, read-only root, no capabilities, 128 MiB.
# Needs buildah, podman and runc (Debian packages of those names) and the npm registry; skips without.
# Where no image registry answers, a stand-in for the base image is made with debootstrap (as root).
# Images and containers live in a folder of their own, which is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."

skip() {
  echo "SKIP: $*"
  exit 0
}
fail() {
  echo "FAIL: $*" >&2
  exit 1
}
ok() { echo "ok: $*"; }

for tool in buildah podman runc; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done

base=$(sed -n 's/^FROM \(docker[^ ]*\)$/\1/p' Dockerfile)
image=localhost/draingate:test
name=draingate-test-$$
work=$(mktemp -d "${TMPDIR:-/tmp}/draingate-image.XXXXXX")
storage=(--root "$work/storage" --runroot "$work/run")

clean_up() {
  podman "${storage[@]}" rm --all --force --time 0 >/dev/null 2>&1 || true
  podman "${storage[@]}" rmi --all --force >/dev/null 2>&1 || true
  rm -rf "$work" 2>/dev/null || buildah unshare rm -rf "$work"
}
trap clean_up EXIT

# The Node.js of the devDependency `node`, on what the real image is made of: Debian.
stand_in() {
  local node=node_modules/node/bin/node npm root=$work/root container
  [ -x "$node" ] || skip "$base cannot be pulled, and $node is not there (npm ci)"
  [ "$(id -u)" = 0 ] || skip "$base cannot be pulled, and only root can make a stand-in"
  command -v debootstrap >/dev/null || skip "$base cannot be pulled, and debootstrap is not installed"
  echo "$base cannot be pulled: making a stand-in of Debian and $node"
  debootstrap --variant=minbase --include=libatomic1,libstdc++6 trixie "$root" \
    "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 ||
    { tail -n 5 "$work/debootstrap.log" && skip 'debootstrap failed'; }
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/etc" "$root/etc/ssl/certs"
  install "$node" "$root/usr/local/bin/node"
  cp -R "$npm" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  # Behind a proxy with an authority of its own, npm must trust what this machine trusts.
  if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$root/usr/local/etc/npmrc"
  fi
  container=$(buildah "${storage[@]}" from scratch)
  buildah "${storage[@]}" add --quiet "$container" "$root" / >/dev/null
  buildah "${storage[@]}" config --env PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$container"
  buildah "${storage[@]}" commit --quiet --rm "$container" "$base" >/dev/null
}

# As a hardened pod runs it.
hardened=(
  --memory 128m --read-only --read-only-tmpfs=false --cap-drop all
  --security-opt no-new-privileges --ulimit nofile=1024:1024 --ulimit nproc=1000:1000
)
run() {
  podman "${storage[@]}" --runtime runc run --name "$name" --network none "${hardened[@]}" "$@"
}
remove() { podman "${storage[@]}" rm --force --time 0 "$name" >/dev/null; }

# A request from within the pod's network namespace, by the one program that the image has.
ask() {
  podman "${storage[@]}" --runtime runc exec "$name" node -e \
    "process.stdout.write(await (await fetch('http://localhost:8089$1')).text())"
}

pod=(
  --env TARGET_GROUP_ARNS=arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef
  --env POD_IPS=10.0.1.7 --env FALLBACK_SECONDS=2 --env AWS_EC2_METADATA_DISABLED=true
)

start() {
  run --detach "${pod[@]}" "$image" >/dev/null
  for _ in $(seq 100); do
    ask /livez 2>/dev/null | grep -q '"ok"' && return
    sleep 0.2
  done
  podman "${storage[@]}" logs "$name"
  fail 'it does not answer /livez'
}

# The exit code and the seconds it took.
terminate() {
  local began=$SECONDS
  podman "${storage[@]}" kill --signal TERM "$name" >/dev/null
  code=$(timeout 30 podman "${storage[@]}" wait "$name") || fail 'it does not end within 30 s of SIGTERM'
  took=$((SECONDS - began))
}

timeout 300 buildah "${storage[@]}" pull --quiet "$base" >/dev/null 2>&1 || stand_in
buildah "${storage[@]}" build --isolation chroot --format docker --tag "$image" . >"$work/build.log" 2>&1 ||
  { tail -n 30 "$work/build.log" && fail 'the image does not build'; }
ok 'built'

config() { podman "${storage[@]}" image inspect --format "$1" "$image"; }
[ "$(config '{{.Config.User}}')" = 65532:65532 ] || fail 'the user is not 65532:65532'
[ "$(config '{{.HealthCheck}}')" = '<nil>' ] || fail 'there is a health check'
ok 'user 65532:65532, no health check'

version=$(run --rm "$image" --version)
[ "$version" = "$(config '{{index .Config.Labels "org.opencontainers.image.version"}}')" ] ||
  fail "the label's version is not $version"
node_version=$(run --rm --entrypoint node "$image" --version)
grep -q "\"node\": \"${node_version#v}\"" package.json ||
  fail "package.json does not test with Node.js $node_version"
ok "--version: $version; Node.js: $node_version"

run --rm --env NODE_DEBUG_NATIVE=COMPILE_CACHE "$image" --version >"$work/cache" 2>&1
grep -q 'V8 code cache for ESM file:///app/dist/draingate.js was accepted' "$work/cache" ||
  fail "the compile cache is not used: $(cat "$work/cache")"
ok 'the compile cache is used'
# A user that it is not for, and that may not write: without it, then, and no harm done.
[ "$(run --rm --user 4242:4242 "$image" --version)" = "$version" ] || fail 'another user cannot run it'
ok 'another user runs it'

run --rm "$image" --help >"$work/help"
grep -q GRACE_PERIOD_SECONDS "$work/help" || fail '--help is no help'
ok '--help'

run --rm --entrypoint node "$image" -p "require('node:fs').readdirSync('/app/dist').join('\n')" >"$work/files"
grep -qx THIRD-PARTY-LICENSES.txt "$work/files" || fail 'the licences of the bundled packages are missing'
grep -qx sbom.cdx.json "$work/files" || fail 'the bill of materials is missing'
grep -q '\.map$' "$work/files" && fail 'there are source maps'
ok 'licences, no source maps'

code=0
run --rm "$image" 2>"$work/stderr" >/dev/null || code=$?
[ "$code" = 2 ] || fail "exit code $code for wrong settings"
grep -q '^POD_IPS: ' "$work/stderr" || fail 'wrong settings are not named'
ok 'wrong settings: exit code 2'

start
ok "live; $(ask /status)"
podman "${storage[@]}" --runtime runc exec "$name" draingate doctor >"$work/doctor" || true
grep -q '^ok    settings' "$work/doctor" || fail "doctor: $(cat "$work/doctor")"
ok 'doctor runs beside it'
terminate
[ "$code" = 0 ] || fail "exit code $code after SIGTERM"
[ "$took" -le 15 ] || fail "it took $took s to end"
ok "SIGTERM without a hook: exit code 0 after $took s"
remove

start
ask /prestop >"$work/answer"
grep -q '"outcome":"fallback"' "$work/answer" || fail "the hook's answer: $(cat "$work/answer")"
ok "hook held without AWS: $(cat "$work/answer")"
memory=$(podman "${storage[@]}" --runtime runc exec "$name" node -p \
  "/VmHWM:\s+(\d+)/.exec(require('fs').readFileSync('/proc/1/status'))[1] / 1024 | 0")
ok "most memory used: $memory MiB"
terminate
[ "$code" = 0 ] || fail "exit code $code after the drain"
ok "SIGTERM after the drain: exit code 0 after $took s"
podman "${storage[@]}" logs "$name" | grep '"outcome"' || fail 'no closing line'
remove

# As an exec hook in an app's container. Its LOG_LEVEL is the app's: the flag of the hook goes first.
run --detach --memory 256m --entrypoint node "${pod[@]}" --env LOG_LEVEL=verbose "$image" \
  -e 'setInterval(() => {}, 1000)' >/dev/null
code=0
podman "${storage[@]}" --runtime runc exec "$name" node /app/dist/draingate.js wait --json --log-level=info \
  >"$work/answer" 2>"$work/stderr" || code=$?
[ "$code" = 4 ] || fail "exit code $code of wait: $(cat "$work/stderr")"
grep -q '"outcome":"fallback"' "$work/answer" || fail "wait printed: $(cat "$work/answer")"
sleep 1
podman "${storage[@]}" logs "$name" >"$work/log"
grep -q '"outcome":"fallback"' "$work/log" || fail "wait's log is not in the container's"
ok "exec hook: exit code 4 without AWS; its log is in the container's"
remove
# A rolling update against the lab. Nothing of it leaves a network namespace that ends with it.
if [ "$(id -u)" = 0 ]; then
  node=$(command -v node)
  timeout 300 unshare --net sh -c 'ip link set lo up && exec "$0" "$@"' \
    "$node" test/image/drain.ts "$image" "$name" "${hardened[*]}" podman "${storage[@]}" --runtime runc
else
  echo 'SKIP: the drain against the lab: only root can make a network namespace'
fi
echo 'PASS'
