#!/bin/sh
# Makes the secrets of docker-compose.yml, one file each, in infra/docker/secrets. What is there is never replaced: without
# its first blocklist key a database can't recognise anybody who was forgotten.
set -eu
folder=$(dirname "$0")/secrets
bucket=${PERSONAS_S3_BUCKET:-personas}
mkdir -p "$folder"
# The folder is closed; the files are open to whoever a container runs as, since they are mounted one by one.
chmod 0700 "$folder"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

keep() {
    if [ ! -e "$folder/$1" ]; then
        cat >"$folder/$1.new"
        chmod 0444 "$folder/$1.new"
        mv "$folder/$1.new" "$folder/$1"
        echo "made $1"
    fi
}

for name in postgres_password flower_password blocklist_key event_token text_token; do
    random | keep "$name"
done

password=$(cat "$folder/postgres_password")
printf 'postgresql://personas:%s@postgres:5432/personas' "$password" | keep database_url

if [ ! -e "$folder/broker_conf" ]; then
    printf 'requirepass %s\n' "$(random)" | keep broker_conf
fi
password=$(sed -n 's/^requirepass //p' "$folder/broker_conf")
printf 'redis://:%s@valkey:6379/0' "$password" | keep broker_url

if [ ! -e "$folder/aws_credentials" ]; then
    printf '[default]\naws_access_key_id = personas\naws_secret_access_key = %s\n' "$(random)" | keep aws_credentials
fi
key=$(sed -n 's/^aws_access_key_id = //p' "$folder/aws_credentials")
secret=$(sed -n 's/^aws_secret_access_key = //p' "$folder/aws_credentials")
keep store_identities <<END
{"identities": [{"name": "personas", "credentials": [{"accessKey": "$key", "secretKey": "$secret"}],
 "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
END
keep store_events <<END
[notification.webhook]
enabled = true
endpoint = "http://console:8000/events/object-created"
bearer_token = "$(cat "$folder/event_token")"
event_types = ["create", "update", "rename"]
path_prefixes = ["/buckets/$bucket/uploads/"]
END
