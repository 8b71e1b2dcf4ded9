# Runs a built jar of this checkout; sourced by the launchers beside it.
#   run_jar MODULE [JVM-OPTION ...] -- [ARGUMENT ...]
run_jar() {
  local root module jar java
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  module=$1
  shift
  local options=()
  while [ "$1" != "--" ]; do
    options+=("$1")
    shift
  done
  shift
  jar=$(find "$root/$module/target" -maxdepth 1 -name "$(basename "$module")-*.jar" ! -name '*-sources.jar' ! -name '*-javadoc.jar' 2>/dev/null | head -n 1)
  if [ -z "$jar" ]; then
    echo "$(basename "$0"): $module is not built; run this first: (cd $root && mvn -DskipTests package)" >&2
    exit 6
  fi
  java=java
  [ -n "${JAVA_HOME:-}" ] && java=$JAVA_HOME/bin/java
  exec "$java" "${options[@]}" --enable-native-access=ALL-UNNAMED -jar "$jar" "$@"
}
