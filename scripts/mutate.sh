#!/usr/bin/env bash
# Mutation testing: changes the code of the given packages in a copy, bit by bit, and lists the changes that no test notices.
#   scripts/mutate.sh [packages]   by default those that decide over money
# Most of what these packages promise is tested through HTTP by the root package's tests, and gremlins runs the tests of
# the changed package alone. So in the copy each package gets the root's tests as well, and storetest's.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

packages=("$@")
[[ $# -gt 0 ]] || packages=(
  auth auth/bearer project internal/checkout internal/stripe subscription internal/manage internal/refetch internal/event internal/api
)
gremlins=$(gremlins)
copy=$(mktemp -d "${TMPDIR:-/tmp}/paymount-mutate.XXXXXX")
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -T - -cf - 2>/dev/null | tar -xf - -C "$copy"
cd "$copy"

rm simulation/*_test.go # they take longer than all others together
mv export_test.go export.go # the copies of the tests are not in the package that it opens
for package in "${packages[@]}"; do
  [[ $package != auth/bearer ]] || continue # the root package does not know it
  name=$(go list -f '{{.Name}}_test' "./$package")
  for file in ./*_test.go subscription/memstore/*_test.go; do
    sed -E "s/^package (paymount|memstore)_test$/package $name/" "$file" >"$package/root_${file##*/}"
  done
  rm -f "$package"/root_example*_test.go # an Example names what it shows, which is not in this package
done

# Go counts the statements that ran, not case expressions and constants, and gremlins changes only what was counted. So
# this go, found first on its PATH, says of every line that it was: what no test runs then shows as a change that lived.
mkdir .bin
cat >.bin/go <<EOF
#!/usr/bin/env bash
set -euo pipefail
GOFLAGS="\${GOFLAGS:-} -count=1" "$(command -v go)" "\$@" # a result from the cache would tell a wrong time
while [[ \$# -gt 1 ]]; do
  [[ \$1 != -coverprofile ]] || sed -i -E 's/:[0-9.,]+ [0-9]+ [0-9]+\$/:1.1,9999.1 1 1/' "\$2"
  shift
done
EOF
chmod +x .bin/go
export PATH=$copy/.bin:$PATH
for package in "${packages[@]}"; do
  say "$package"
  "$gremlins" unleash --timeout-coefficient 3 --invert-logical --output-statuses lct -E / "./$package"
done
