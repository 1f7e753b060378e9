package endpoint

import "strings"

// irregularRegions are the short codes that do not follow the rule of
// shortDirection. All three have been seen in published endpoint names.
var irregularRegions = map[string]string{
	"ap-northeast-2": "apn2", // Seoul; Tokyo is apne1
	"ap-northeast-3": "apn3",
	"cn-northwest-1": "cnw1",
}

// shortDirection abbreviates the middle words of a region's name.
var shortDirection = map[string]string{
	"north": "n", "south": "s", "east": "e", "west": "w", "central": "c",
	"northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
	"gov": "g", "iso": "i", "isob": "ib", "isoe": "ie", "isof": "if",
}

// RegionCode is the short form of a region's name inside endpoint names:
// us-east-1 is use1, us-gov-west-1 is usgw1. AWS publishes no list; the
// regular cases keep the first word and the number and abbreviate the words
// between. Unknown words contribute their first letter, so that any region
// name gives a usable DNS label.
func RegionCode(region string) string {
	region = strings.ToLower(region)
	if code, ok := irregularRegions[region]; ok {
		return code
	}
	words := strings.FieldsFunc(region, func(r rune) bool { return !alphanumeric(r) })
	if len(words) == 0 {
		return RegionCode(DefaultRegion)
	}
	var code strings.Builder
	for i, word := range words {
		switch short, known := shortDirection[word]; {
		case i == 0 || i == len(words)-1:
			code.WriteString(word)
		case known:
			code.WriteString(short)
		default:
			code.WriteString(word[:1])
		}
	}
	return code.String()
}

// Suffix is the domain below the region code: China has its own.
func Suffix(region string) string {
	if strings.HasPrefix(strings.ToLower(region), "cn-") {
		return "cache.amazonaws.com.cn"
	}
	return "cache.amazonaws.com"
}

// Partition is the second field of an ARN in the region.
func Partition(region string) string {
	switch region = strings.ToLower(region); {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

func alphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
}
