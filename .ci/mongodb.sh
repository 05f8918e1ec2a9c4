#!/usr/bin/env bash
# A server that speaks MongoDB's protocol, for the tests of the MongoDB store: mongo-java-server, which keeps everything in
# memory and has no transactions. Needs Java 17 and Maven.
#   .ci/mongodb.sh start DIR   installs what is missing, starts it, prints MONGODB_URL=...
#   .ci/mongodb.sh stop DIR    stops it and deletes the directory
set -eu
action=${1:?start or stop}
dir=${2:?a directory}
version=1.47.0
port=${MONGODB_PORT:-27077}

install() {
  if command -v javac >/dev/null && command -v mvn >/dev/null; then return; fi
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends openjdk-17-jdk-headless maven >&2
}

start() {
  install
  mkdir -p "$dir"
  cat >"$dir/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId>
  <artifactId>mongodb</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>de.bwaldvogel</groupId>
      <artifactId>mongo-java-server</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
XML
  cat >"$dir/Server.java" <<'JAVA'
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

public class Server {
  public static void main(String[] arguments) throws Exception {
    new MongoServer(new MemoryBackend()).bind("127.0.0.1", Integer.parseInt(arguments[0]));
    System.out.println("listening");
    Thread.currentThread().join();
  }
}
JAVA
  (cd "$dir" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars) >&2
  java -Xmx1g -cp "$dir/jars/*" "$dir/Server.java" "$port" >"$dir/log" 2>&1 &
  echo $! >"$dir/pid"
  local i
  for i in $(seq 150); do
    if grep -q listening "$dir/log"; then break; fi
    if [ "$i" -eq 150 ] || ! kill -0 "$(cat "$dir/pid")" 2>/dev/null; then
      cat "$dir/log" >&2
      exit 1
    fi
    sleep 0.2
  done
  echo "MONGODB_URL=mongodb://127.0.0.1:$port"
}

stop() {
  if [ -f "$dir/pid" ]; then
    local pid i
    pid=$(cat "$dir/pid")
    kill "$pid" 2>/dev/null || true
    for i in $(seq 50); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  rm -rf "$dir"
}

"$action"
