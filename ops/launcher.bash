# Runs a command of this checkout; sourced by the launchers beside it.
#   run_command MODULE MAIN-CLASS [JVM-OPTION ...] -- [ARGUMENT ...]
run_command() {
  local root module main jar java
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  module=$root/$1
  main=$2
  shift 2
  local options=()
  while [ "$1" != "--" ]; do
    options+=("$1")
    shift
  done
  shift
  jar=$(find "$module/target" -maxdepth 1 -name '*.jar' ! -name '*-sources.jar' ! -name '*-javadoc.jar' 2>/dev/null | head -n 1)
  if [ -z "$jar" ]; then
    echo "$(basename "$0"): $module is not built; run this first: (cd $root && mvn -DskipTests package)" >&2
    exit 6
  fi
  # The JDK reads arguments by the locale. Where that is not UTF-8, as under cron, a Chinese name would not get through.
  [ "$(locale charmap 2>/dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8
  java=java
  [ -n "${JAVA_HOME:-}" ] && java=$JAVA_HOME/bin/java
  exec "$java" "${options[@]}" --enable-native-access=ALL-UNNAMED -cp "$jar:$module/target/lib/*" "$main" "$@"
}
