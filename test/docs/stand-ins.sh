# In place of programs that cannot run in the tests. Each fails when the repository or the folder does not
# have what the command names.

npm() {
  case $1 in
    ci) test -f package-lock.json ;;
    test) jq --exit-status .scripts.test package.json >/dev/null ;;
    run) jq --exit-status --arg script "$2" '.scripts[$script]' package.json >/dev/null ;;
    *) return 1 ;;
  esac
}

docker() {
  case $1 in
    compose) [ "$*" = 'compose up --build --wait' ] && test -f docker-compose.yml ;;
    build)
      shift
      local file=Dockerfile
      while [ $# -gt 0 ]; do
        case $1 in
          --file) file=$2 && test -f "$file" && shift ;;
          --target) grep --quiet "^FROM .* AS $2\$" "$file" && shift ;;
          --build-arg) grep --quiet "^ARG ${2%%=*}=" "$file" && shift ;;
          --tag) shift ;;
          *) test -d "$1" ;;
        esac || return
        shift
      done
      ;;
    *) return 1 ;;
  esac
}

deck() {
  [ "$1" = gateway ] || return
  case $2 in
    dump) cat kong.yml ;;
    apply | sync)
      # A sync of the guard alone would delete everything else, unless a tag bounds it.
      local guard=${*:3} tag
      guard=${guard%% --*}
      guard=${guard##* }
      tag=$(sed -n '/^  select_tags:/,/^[^ ]/ s/^ *- //p' "$guard")
      grep --quiet '^plugins:' "$guard" || return
      [ "$2" = apply ] || [ "$3" != "$guard" ] || [ -n "$tag" ]
      ;;
    *) return 1 ;;
  esac
}
