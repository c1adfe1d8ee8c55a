-- name: wishes
select pod_id, amplify from gateway.api_posts where post_id = %(post_id)s and client_id = %(client_id)s;
