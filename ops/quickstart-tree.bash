# The quickstart with three nodes and a recursive one; sourced by ops/quickstart --tree, whose functions and variables it uses.
#
#   88        national node, signs the record of 88.118
#   88.118    secondary node, signs those of 88.118.8 (a node of its own) and 88.118.21 (hosted here)
#   88.118.8  enterprise node
#   -         recursive node, answers for its clients from the others

# join NAME PREFIX PARENT-NAME PARENT-SERVER LEGAL-NAME [KEY:ROLES]: the node's keys and configuration, its record at the parent, the
# node itself, and the records above it in its registry. Sets server and node_pid.
join() {
  local dir=$home/$1 prefix=$2 parent=$home/$3 parent_server=$4 legal=$5 port
  shift 5
  say "$legal ($prefix): a node below $parent_server"
  show ops/waymark-node init "$dir" --prefix "$prefix" --below "$anchor"
  start_node "$dir" 0 0 0
  local keys=(--key "$dir/keys/delegate.pem.pub:DELEGATE" --key "$dir/keys/node.pem.pub:NODE")
  for key in "$@"; do
    keys+=(--key "$key")
  done
  show ops/waymark delegate "$prefix" --server "$parent_server" --parent-key "$parent/keys/delegate.pem" "${keys[@]}" \
    --name "$legal" --node-address "$server"
  show ops/waymark copy-chain "$prefix" --from "$parent_server" --server "$server"
}

say "National node (88)"
show ops/waymark-node init "$home/national" --prefix 88 --name "National node"
anchor=$(sed -n 's/^ *- "\(vaa:88#[0-9a-f]*\)"$/\1/p' "$home/national/waymark.yaml")
export WAYMARK_ANCHOR=$anchor
start_node "$home/national" 0 0 0
national=$server
echo "listening on $national"

join secondary 88.118 national "$national" 湖南示例二级节点
secondary=$server

show ops/waymark keygen --suite sm2 "$home/88.118.8.pem"
join enterprise 88.118.8 secondary "$secondary" 湖南示例工程机械有限公司 "$home/88.118.8.pem.pub:RECORDS"
enterprise=$server
enterprise_pid=$node_pid

say "Register: construction machinery at the enterprise's node, steel at the secondary node"
show ops/waymark register --server "$enterprise" --file "$samples/construction-machinery.csv" --owner 88.118.8 \
  --key "$home/88.118.8.pem"
show ops/waymark keygen "$home/88.118.21.pem"
show ops/waymark delegate 88.118.21 --server "$secondary" --parent-key "$home/secondary/keys/delegate.pem" \
  --key "$home/88.118.21.pem.pub:DELEGATE,RECORDS" --name 湖南范例钢铁有限公司
show ops/waymark register --server "$secondary" --file "$samples/steel.csv" --owner 88.118.21 --key "$home/88.118.21.pem"

say "Resolve from the national node, verified from its anchor"
export WAYMARK_SERVER=$national
show ops/waymark resolve --trace 88.118.8/JXDY2106023
show ops/waymark resolve --trace 88.118.21/24B00334-01 --type heat_number --type grade

say "What is not there is denied, signed by the node that serves the prefix"
echo '$ ops/waymark resolve --trace 88.118.21/NO-SUCH-PART'
ops/waymark resolve --trace 88.118.21/NO-SUCH-PART && { echo "found what is not there" >&2; exit 1; }

say "A recursive node, which has no prefix: it looks up at the others for its clients"
mkdir -p "$home/recursive"
cat > "$home/recursive/waymark.yaml" <<END
node:
  dataDir: '$home/recursive'
recursion:
  enabled: true
  nodes: ['$national']
  anchors: ['$anchor']
  backOffMillis: 1000
END
cat "$home/recursive/waymark.yaml"
start_node "$home/recursive" 0 0 0
recursive=$server
show ops/waymark resolve --server "$recursive" --trace 88.118.8/JXDY2106023 --type serial

say "The enterprise's node is killed"
kill -KILL "$enterprise_pid"
wait "$enterprise_pid" 2>/dev/null || true
echo '$ ops/waymark resolve --trace 88.118.8/JXDY2106023'
status=0
ops/waymark resolve --trace 88.118.8/JXDY2106023 2>&1 || status=$?
echo "(exit code $status)"
[ "$status" = 5 ] || { echo "expected the exit code 5" >&2; exit 1; }

echo "The recursive node has it, as it was signed:"
show ops/waymark resolve --server "$recursive" 88.118.8/JXDY2106023 --type serial

say "It comes back, and takes a new version"
start_node "$home/enterprise" "${enterprise##*:}" 0 0
show ops/waymark register 88.118.8/JXDY2106023 --server "$enterprise" --owner 88.118.8 --key "$home/88.118.8.pem" \
  --value name=轴向柱塞变量泵 --value note=serviced
show ops/waymark resolve --trace 88.118.8/JXDY2106023

if [ -n "$once" ]; then
  say "Done"
  exit 0
fi
say "The nodes keep running; Ctrl-C ends them"
cat <<END
In another terminal:

  export WAYMARK_SERVER=$national
  export WAYMARK_ANCHOR='$anchor'
  ops/waymark resolve --trace 88.118.8/JXDY2106023

Keys, configuration and data are in $home; they go when the nodes end.
END
wait
